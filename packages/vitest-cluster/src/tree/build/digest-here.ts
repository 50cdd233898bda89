import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { bytesOf } from '../../disk/names.ts'
import { startChild } from '../../shortage/child.ts'
import { digestOfLarge, READER } from './content.ts'

/** The digest of a large file of the host. */
export async function digestHere(path: string): Promise<string> {
  const [program = '', ...argv] = READER
  const child = await startChild(program, argv, { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  const [input, output] = [child.stdin as Writable, child.stdout as Readable]
  input.on('error', () => {})
  input.end(bytesOf(`${path}\0`))
  const digest = await digestOfLarge(output).finally(() => child.kill('SIGKILL'))
  await ended
  return digest
}
