/**
 * Escapes values for the lines of a unit file (systemd.syntax(7)). systemd reads some values whole, and splits others at
 * white space, with quotes and C escapes. In nearly all of them it expands specifiers such as `%n` (systemd.unit(5)).
 */
import { ClusterError } from '../errors.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: finds them
const CONTROL = /[\0-\x1f\x7f]/g
/** A word that needs neither quotes nor escapes. */
const PLAIN = /^[^\s"'\\;]+$/
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }

/** Escapes `%`, which would begin a specifier. */
export function literal(text: string): string {
  return text.replaceAll('%', '%%')
}

/** A word of a value that systemd splits and unescapes, such as those of `ExecStart=` and `Environment=`. */
export function word(text: string): string {
  if (PLAIN.test(text) && text.search(CONTROL) < 0) return literal(text)
  const escaped = text
    .replace(/["\\]/g, '\\$&')
    .replace(CONTROL, (char) => ESCAPES[char] ?? `\\x${hex(char)}`)
  return `"${literal(escaped)}"`
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(2, '0')
}

/**
 * A value that systemd reads whole, such as the path of `WorkingDirectory=`. There are no quotes and no escapes, so some
 * values cannot be written.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function whole(text: string): string {
  if (text.search(CONTROL) >= 0) refuse(text, 'a control character')
  if (text !== text.trim()) refuse(text, 'a space at its beginning or end')
  // A backslash at the end continues the line
  if (text.endsWith('\\')) refuse(text, '\\ at its end')
  return literal(text)
}

/**
 * A path in `BindPaths=` and its like. systemd splits the value at white space and at `:`. Between 257 and 262 it changed
 * how it reads escapes in the value; quotes, `\\` and `\:` are the same in all versions (config_parse_bind_paths() in
 * src/core/load-fragment.c).
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function bindPath(path: string): string {
  if (path.search(CONTROL) >= 0) refuse(path, 'a control character')
  const quoted = path.replace(/[\\:]|[\s']+|"+/g, (part) => {
    if (part === '\\' || part === ':') return `\\${part}`
    return part.startsWith('"') ? `'${part}'` : `"${part}"`
  })
  return literal(quoted)
}

/**
 * The path of a program. systemd parses quotes and escapes here, but refuses a path that contains them after parsing
 * (string_is_safe() in src/basic/string-util.c).
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function programPath(path: string): string {
  if (/["'\\]/.test(path) || path.search(CONTROL) >= 0)
    refuse(path, 'a quote, \\ or a control character')
  if (/^[-@:+!|]/.test(path)) refuse(path, `${path[0]} at its beginning`)
  return word(path)
}

function refuse(value: string, what: string): never {
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `${JSON.stringify(value)} has ${what}, which the text of a unit file cannot express`,
    fix: 'Choose another path or name for the unit file. A session itself accepts this one.',
  })
}
