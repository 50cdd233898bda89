import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'

/** Milliseconds in which a module with a syntax error fails again. */
const PATIENCE = 10_000

/** Whether a stack begins with a file, a line and the source line, as V8 has it of a module that it cannot parse. */
const PLACE = /^(file:|\/).+:\d+\n/

/**
 * Where V8 cannot parse a module only a process that ends with the error says: gives the error the text that Node
 * prints then as its stack. What is imported does nothing: it does not come so far.
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
