/** An option of a command: its type for parseArgs (node:util), and its text for help and completion. */
export interface CommandOption {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** Whether the option may be given several times. */
  readonly multiple?: true
  /** Placeholder of the value in help: `ID`. */
  readonly value?: string
  readonly help: string
}

export type Options = Readonly<Record<string, CommandOption>>

/** The input of a command's code: checked words and options. */
export interface Invocation {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  /** Every command, for completion. */
  readonly commands: readonly Command[]
}

/** Runs a command; resolves with the process's exit code. */
export type Run = (invocation: Invocation) => Promise<number>

export interface Command {
  readonly name: string
  /** The arguments, as help shows them: `SERVICE -- COMMAND…`. */
  readonly usage: string
  /** How many words the command accepts after its name. */
  readonly words: readonly [least: number, most: number]
  /** What completion offers for these words. */
  readonly completes?: 'services' | 'shells'
  readonly summary: string
  /** Further lines of help. */
  readonly details?: readonly string[]
  readonly options: Options
  readonly example: readonly string[]
  /** Imports the command's code, so that each command loads only the modules that it needs. */
  readonly load: () => Promise<{ run: Run }>
}

export const CONFIG: Options = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    help: 'the definition; by default the nearest cluster.config.* in this directory or a parent',
  },
}

export const SESSION: Options = {
  ...CONFIG,
  session: {
    type: 'string',
    short: 's',
    value: 'ID',
    help: 'the session; by default $VITEST_CLUSTER_SESSION, or the session of the definition',
  },
}

export const PORT: Options = {
  port: {
    type: 'string',
    multiple: true,
    value: 'NAME=NUMBER',
    help: 'a number for a port, such as ssh=20059 or ldap.ldaps=10636; may be repeated',
  },
}

export const JSON_OUTPUT: Options = { json: { type: 'boolean', help: 'print JSON' } }

export const HELP: Options = { help: { type: 'boolean', short: 'h', help: 'print this help' } }

/** An option's text, or undefined. */
export function text(options: Invocation['options'], name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts of an option that may be repeated. */
export function texts(options: Invocation['options'], name: string): readonly string[] {
  const value = options[name]
  return Array.isArray(value) ? value : []
}
