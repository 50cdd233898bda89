import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'

/** Milliseconds in which the import of the module must fail again. */
const PATIENCE = 10_000

/** Whether a stack begins with a file, a line and the source line, as V8 has it of a module that it cannot parse. */
const PLACE = /^(file:|\/).+:\d+\n/

/**
 * Node prints the place of a syntax error only when a process ends with it. Imports the module in another process, and
 * makes what Node prints the stack of the error. No code of the module runs, because it cannot be parsed.
 */
export function withSyntaxPlace(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || PLACE.test(error.stack ?? '')) return error
  const script = `await import(${JSON.stringify(pathToFileURL(path).href)})`
  const argv = [...process.execArgv, '--input-type=module', '--eval', script]
  const { stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: PATIENCE })
  if (!PLACE.test(stderr)) return error
  const [, name = error.name, message = error.message] = /^(\w*Error): (.+)/m.exec(stderr) ?? []
  return Object.assign(new Error(message), { name, stack: stderr })
}
