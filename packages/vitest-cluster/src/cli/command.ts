/** An option of a command, as parseArgs (node:util) takes it, and what help and completion say of it. */
export interface CommandOption {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** What the value is, in help: `ID`. */
  readonly value?: string
  readonly help: string
}

export type Options = Readonly<Record<string, CommandOption>>

/** What a command's code is given: checked words and options. */
export interface Invocation {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  /** All commands there are. */
  readonly commands: readonly Command[]
}

/** Runs a command; resolves with the process's exit code. */
export type Run = (invocation: Invocation) => Promise<number>

export interface Command {
  readonly name: string
  /** What follows the name: `SERVICE -- COMMAND…`. */
  readonly usage: string
  /** How many words it takes. */
  readonly words: readonly [least: number, most: number]
  /** What its words are, for completion. */
  readonly completes?: 'services' | 'shells'
  readonly summary: string
  /** Further lines of help. */
  readonly details?: readonly string[]
  readonly options: Options
  readonly example: readonly string[]
  /** Loads its code: each command costs only what it needs. */
  readonly load: () => Promise<{ run: Run }>
}

export const CONFIG: Options = {
  config: {
    type: 'string',
    short: 'c',
    value: 'FILE',
    help: 'the definition; by default the nearest cluster.config.*, here or in a parent directory',
  },
}

export const SESSION: Options = {
  ...CONFIG,
  session: {
    type: 'string',
    short: 's',
    value: 'ID',
    help: 'the session; by default $VITEST_CLUSTER_SESSION, or the one of the definition',
  },
}

export const JSON_OUTPUT: Options = { json: { type: 'boolean', help: 'print JSON' } }

export const HELP: Options = { help: { type: 'boolean', short: 'h', help: 'print this help' } }

/** An option's text, or undefined. */
export function text(options: Invocation['options'], name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
