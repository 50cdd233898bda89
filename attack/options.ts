import { parseArgs } from 'node:util'

const PARTS = ['kills', 'row', 'crowd'] as const
type Part = (typeof PARTS)[number]

export interface Options {
  readonly kills: number
  readonly sessions: number
  readonly atOnce: number
  readonly seed: number
  readonly parts: readonly Part[]
  /** The number of the one kill to try. */
  readonly try: number | undefined
  /** A file for a copy of the output. */
  readonly out: string | undefined
}

/** Parses the command line. @throws Error with what is wrong in it */
export function options(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      kills: { type: 'string', default: '500' },
      sessions: { type: 'string', default: '1000' },
      'at-once': { type: 'string', default: '32' },
      seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
      only: { type: 'string' },
      try: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const { only } = values
  const parts = PARTS.filter((part) => only === undefined || part === only)
  if (parts.length === 0) throw new Error(`--only ${only}: it is one of ${PARTS.join(', ')}`)
  return {
    kills: whole('kills', values.kills),
    sessions: whole('sessions', values.sessions),
    atOnce: whole('at-once', values['at-once']),
    seed: whole('seed', values.seed),
    parts: values.try === undefined ? parts : ['kills'],
    try: values.try === undefined ? undefined : whole('try', values.try),
    out: values.out,
  }
}

function whole(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} ${text}: it is a whole number`)
  return Number(text)
}
