import { constants } from 'node:os'
import { printable } from '../printable.ts'
import type { Property } from './properties.ts'
import { bindPath, literal, programPath, whole, word } from './unit-syntax.ts'

/** How the values of a directive are written: in a D-Bus call, and in a unit file. */
export interface Directive<T> {
  /** @param name the directive's name, which in most cases is also that of the property */
  readonly property: (value: T, name: string) => Property
  /** The text after `NAME=`, one for each line. */
  readonly lines: (value: T) => readonly string[]
}

/** A program and its arguments, which are passed unchanged. */
export type Command = readonly string[] | PrefixedCommand
/** `!`: the program ignores `User=`. `-`: its failure is ignored (systemd.service(5), "Special executable prefixes"). */
export interface PrefixedCommand {
  readonly prefix: '!' | '-' | '-!'
  readonly argv: readonly string[]
}
/** A path that is mounted on another one; with `norbind` without the mounts below it. */
export type Bind = readonly [source: string, destination: string, how?: 'norbind']

const directive = <T>(
  signature: string,
  toValue: (value: T) => unknown,
  lines: (value: T) => readonly string[],
  property?: string,
): Directive<T> => ({
  property: (value, name) => [property ?? name, { signature, value: toValue(value) }],
  lines,
})

const same = <T>(value: T): T => value

/** A description of one line: control characters are removed, also for D-Bus. */
export const title = directive<string>('s', oneLine, (text) => [whole(oneLine(text))])

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim()
}

/** One of a set of words. */
export const oneOf = <T extends string>() => directive<T>('s', same, (value) => [value])

/** A path, or another value that systemd does not split. */
export const text = directive<string>('s', same, (value) => [whole(value)])

export const boolean = directive<boolean>('b', same, (value) => [value ? 'yes' : 'no'])

/** A file mode: octal in a unit file. */
export const mode = directive<number>('u', same, (value) => [value.toString(8).padStart(4, '0')])

export const signal = directive<NodeJS.Signals>('i', numberOf, (value) => [value])

/** Signals that count as success (`SuccessExitStatus=`). */
export const signals = directive<readonly NodeJS.Signals[]>(
  '(aiai)',
  (names) => [[], names.map(numberOf)],
  (names) => joined(names),
)

function numberOf(name: NodeJS.Signals): number {
  return constants.signals[name]
}

/** Milliseconds; systemd counts whole microseconds. */
export const time = (property: string) =>
  directive<number>(
    't',
    (value) => BigInt(microseconds(value)),
    (value) => [timeSpan(microseconds(value))],
    property,
  )

function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}

const UNITS = { d: 86_400_000_000, h: 3_600_000_000, min: 60_000_000, s: 1_000_000, ms: 1_000 }

/** `1min 30s`, as systemd prints it (systemd.time(7)). */
function timeSpan(value: number): string {
  let rest = value
  const parts: string[] = []
  for (const [unit, size] of Object.entries(UNITS)) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${unit}`)
    rest %= size
  }
  if (rest > 0) parts.push(`${rest}us`)
  return parts.join(' ') || '0'
}

export const count = directive<number>('t', BigInt, (value) => [`${value}`])

/** A number that D-Bus sends in 32 bits. */
export const small = directive<number>('u', same, (value) => [`${value}`])

/** Bytes. */
export const size = directive<number>('t', BigInt, (value) => {
  const [unit, factor] = [
    ['G', 2 ** 30] as const,
    ['M', 2 ** 20] as const,
    ['K', 2 ** 10] as const,
  ].find(([, each]) => value > 0 && value % each === 0) ?? ['', 1]
  return [`${value / factor}${unit}`]
})

/** Names of units, users and so on, without white space. */
export const names = directive<readonly string[]>('as', same, (list) => joined(list.map(literal)))

/** Any words, quoted if necessary. */
export const words = directive<readonly string[]>('as', same, (list) => joined(list.map(word)))

/** Directories in the order in which they are searched. */
export const searchPath = directive<readonly string[]>('as', same, (list) => [list.join(':')])

function joined(list: readonly string[]): readonly string[] {
  return list.length > 0 ? [list.join(' ')] : []
}

export const variables = directive<Readonly<Record<string, string>>>('as', pairs, (value) =>
  pairs(value).map(word),
)

function pairs(record: Readonly<Record<string, string>>): string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`)
}

/** System calls that are denied. */
export const calls = directive<{ readonly deny: readonly string[] }>(
  '(bas)',
  ({ deny }) => [false, deny],
  ({ deny }) => [`~${deny.join(' ')}`],
)

// MS_REC: with the mounts below the source, as systemd's `rbind` does by default
const RECURSIVE = 0x4000n

export const binds = directive<readonly Bind[]>(
  'a(ssbt)',
  (list) => list.map(([from, to, how]) => [from, to, false, how ? 0n : RECURSIVE]),
  (list) =>
    list.map(([from, to, how]) =>
      how
        ? `${bindPath(from)}:${bindPath(to)}:${how}`
        : [...new Set([from, to])].map(bindPath).join(':'),
    ),
)

/** A file behind a standard stream, such as `append:/var/log/a.log`. */
export const stream = <T extends string>(properties: Readonly<Record<string, string>>) => ({
  property: (value: T, name: string): Property => {
    const colon = value.indexOf(':')
    const suffix = properties[value.slice(0, colon)] ?? ''
    return [`${name}${suffix}`, { signature: 's', value: value.slice(colon + 1) }]
  },
  lines: (value: T) => [whole(value)],
})

/**
 * `ExecStart=` and its like. In arguments, but not in the program's path, systemd replaces `${NAME}` and `$NAME` by
 * variables, and `$$` by `$` (systemd.service(5)).
 */
export const command: Directive<Command> = {
  property: (value, name) => commands.property([value], name),
  lines: (value) => commands.lines([value]),
}

/** One program, or several that run one after the other. */
export const commands: Directive<Command | readonly Command[]> = {
  property: (value, name) => {
    const all = listOf(value).map((each) => {
      const { argv, prefix } = commandOf(each)
      return { program: argv[0], words: argv.map(dollars), flags: flagsOf(prefix) }
    })
    if (all.every(({ flags }) => flags.length === 0)) {
      const simple = all.map(({ program, words }) => [program, words, false])
      return [name, { signature: 'a(sasb)', value: simple }]
    }
    const flagged = all.map(({ program, words, flags }) => [program, words, flags])
    return [`${name}Ex`, { signature: 'a(sasas)', value: flagged }]
  },
  lines: (value) => listOf(value).map(commandLine),
}

function listOf(value: Command | readonly Command[]): readonly Command[] {
  const isList = Array.isArray(value) && value.every((each) => typeof each !== 'string')
  return isList ? (value as readonly Command[]) : [value as Command]
}

function flagsOf(prefix: string): string[] {
  return [
    ...(prefix.includes('!') ? ['no-setuid'] : []),
    ...(prefix.includes('-') ? ['ignore-failure'] : []),
  ]
}

function commandLine(value: Command): string {
  const { argv, prefix } = commandOf(value)
  const [program = '', ...rest] = argv
  // The path is also argv[0], in which `$` has to be escaped: with `@` the two are written separately
  const first = program.includes('$')
    ? [`@${programPath(program)}`, word(dollars(program))]
    : [programPath(program)]
  return `${prefix}${[...first, ...rest.map((each) => word(dollars(each)))].join(' ')}`
}

/** The program and its arguments, and the prefix. */
export function commandOf(value: Command): {
  readonly argv: readonly string[]
  readonly prefix: string
} {
  return 'argv' in value ? value : { argv: value, prefix: '' }
}

function dollars(text: string): string {
  return text.replaceAll('$', () => '$$')
}
