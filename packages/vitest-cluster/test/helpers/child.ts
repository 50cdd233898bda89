import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>
  /** The first line that it wrote. */
  readonly said: string
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>
}

/** Starts a program, which is killed when the test ends, and waits for its first line. */
export async function started(command: string, ...argv: string[]): Promise<Child> {
  const process = spawn(command, argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void process.kill('SIGKILL'))
  const ended = once(process, 'close')
  const silent = ended.then(() => Promise.reject(new Error(`${command} ended and said nothing`)))
  const [said] = await Promise.race([once(createInterface(process.stdout), 'line'), silent])
  silent.catch(() => {})
  return { process, said, ended }
}

/** Runs a module of this folder in a Node process of its own; its first line of output is JSON. */
export async function child<T>(module: string, ...argv: string[]) {
  const script = fileURLToPath(new URL(module, import.meta.url))
  const { said, ...others } = await started(process.execPath, script, ...argv)
  return { said: JSON.parse(said) as T, ...others }
}
