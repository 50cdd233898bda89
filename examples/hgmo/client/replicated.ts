import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import type { Cluster } from './cluster.ts'

const PYTHON = '/var/hg/venv_tools/bin/python'
const SCRIPT = new URL('replicated.py', import.meta.url)

/** Whether a program of a mirror waits for the replication: `vcsreplicator-consumer --wait-for-no-lag CONFIG`. */
export function waitsForReplication(argv: readonly string[]): boolean {
  const [program = '', ...options] = argv
  return program.endsWith('/vcsreplicator-consumer') && options.includes('--wait-for-no-lag')
}

/**
 * Waits until the mirrors serve what their consumers have read, for some seconds at most. Docker's `hgmo exec` takes so long
 * that they do when it ends, most of the time.
 */
export async function replicated(cluster: Cluster): Promise<void> {
  const said: Buffer[] = []
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said.push(chunk)
      done()
    },
  })
  const exitCode = await cluster.exec('hgssh', [PYTHON, '-'], {
    ...{ user: 'root', cwd: '/', env: { HOME: '/root' } },
    ...{ input: readFileSync(SCRIPT), stdout: output, stderr: output },
  })
  if (exitCode !== 0) throw new Error(`the replication cannot be seen:\n${Buffer.concat(said)}`)
}
