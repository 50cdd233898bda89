import { isUtf8 } from 'node:buffer'
import { readdirSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The longest name that Linux accepts, in bytes (NAME_MAX). */
export const LONGEST_NAME = 255
/** The longest path in a tree, in bytes: Linux accepts 4,095 (PATH_MAX), including the path of the tree itself. */
export const LONGEST_PATH = 3_500

/** The code of the lone surrogate that stands for the byte 0: byte 0xE9 is U+DCE9. */
const ESCAPE = 0xdc00
const UTF8 =
  /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

/**
 * A name or path of a file as text. For Linux, names are bytes: UTF-8 becomes its text, and each other byte becomes a
 * lone surrogate, as in Python (PEP 383). So different names have different texts, and {@link bytesOf} returns the bytes.
 * JSON keeps such text, Node's UTF-8 encoder does not.
 */
export function nameOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  return bytes
    .toString('latin1')
    .replace(UTF8, (part) =>
      part.length === 1 && part >= '\x80'
        ? String.fromCharCode(ESCAPE + part.charCodeAt(0))
        : Buffer.from(part, 'latin1').toString('utf8'),
    )
}

/** The bytes of a name that {@link nameOf} returned. */
export function bytesOf(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name)
  const parts = [...name].map((char) => {
    const byte = char.charCodeAt(0) - ESCAPE
    return char.length === 1 && byte >= 0x80 && byte <= 0xff ? Buffer.of(byte) : Buffer.from(char)
  })
  return Buffer.concat(parts)
}

/** A name as an argument of functions of node:fs. */
export function pathOf(name: string): string | Buffer {
  return name.isWellFormed() ? name : bytesOf(name)
}

/** The names in a directory. @throws a Node system error */
export function namesIn(path: string): string[] {
  const names = readdirSync(pathOf(path))
  // Only if Node has replaced bytes that are not UTF-8
  if (!names.some(isLossy)) return names
  return readdirSync(pathOf(path), { encoding: 'buffer' }).map(nameOf)
}

/** The target of a symbolic link. @throws a Node system error */
export function targetOf(path: string): string {
  const target = readlinkSync(pathOf(path))
  return isLossy(target) ? nameOf(readlinkSync(pathOf(path), { encoding: 'buffer' })) : target
}

function isLossy(text: string): boolean {
  return text.includes('\ufffd')
}

/** The path of a file URL, which may have bytes that are not UTF-8: `file:///srv/caf%E9`. @throws TypeError */
export function pathOfUrl(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    const bytes = url.pathname.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    return nameOf(Buffer.from(bytes, 'latin1'))
  }
}

/** Why a path of a tree is too long, for a message; undefined if it is not. */
export function tooLong(path: string): string | undefined {
  const length = bytesOf(path).length
  const long = path.split('/').find((name) => bytesOf(name).length > LONGEST_NAME)
  if (long !== undefined)
    return `has a name of ${bytesOf(long).length} bytes, and file systems accept ${LONGEST_NAME}`
  if (length > LONGEST_PATH)
    return `has ${length} bytes, and a path of a tree may have ${LONGEST_PATH}`
  return undefined
}

/** How many characters of a long name are shown at its beginning and at its end. */
const SHOWN = 80

/** Text with names in it, for a message: bytes that are not UTF-8 as `\\351`, like ls(1); a long text without its middle. */
export function readable(text: string): string {
  const whole = text.length <= 3 * SHOWN ? text : `${text.slice(0, SHOWN)}…${text.slice(-SHOWN)}`
  return whole.isWellFormed()
    ? whole
    : [...whole].map((char) => (char.isWellFormed() ? char : octal(char))).join('')
}

function octal(char: string): string {
  return `\\${(char.charCodeAt(0) - ESCAPE).toString(8)}`
}

/** A name in quotes, for a message. */
export function quoted(name: string): string {
  // JSON has escaped the backslash of `\351` again
  return JSON.stringify(readable(name)).replace(/\\\\(?=[2-3][0-7]{2})/g, '\\')
}
