import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'

/** Runs a module of this folder in a Node process of its own; its first line of output is JSON. */
export async function child<T>(module: string, argv: readonly string[] = []) {
  const script = fileURLToPath(new URL(module, import.meta.url))
  const process_ = execa(process.execPath, [script, ...argv], {
    stdin: 'pipe',
    reject: false,
    stderr: 'inherit',
    buffer: false,
  })
  onTestFinished(() => void process_.kill('SIGKILL'))
  for await (const line of process_)
    return { said: JSON.parse(String(line)) as T, process: process_ }
  throw new Error(`${module} said nothing`)
}
