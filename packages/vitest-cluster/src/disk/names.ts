import { isUtf8 } from 'node:buffer'
import { readdirSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** How many bytes Linux takes for one name (NAME_MAX). */
export const LONGEST_NAME = 255
/** How many bytes a path of a tree may have: Linux takes 4,095 (PATH_MAX), and where the tree is comes before it. */
export const LONGEST_PATH = 3_500

/** The code of the lone surrogate that stands for the byte 0: byte 0xE9 is U+DCE9. */
const ESCAPE = 0xdc00
const UTF8 =
  /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

/**
 * A name or path of a file as text. To Linux a name is bytes: those that are UTF-8 become their text, and each other
 * byte a lone surrogate, as in Python (PEP 383). So two names are the same text only if they are the same bytes, and
 * {@link bytesOf} gives the bytes back. JSON keeps such text, Node's own UTF-8 does not.
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

/** The bytes of what {@link nameOf} returned. */
export function bytesOf(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name)
  const parts = [...name].map((char) => {
    const byte = char.charCodeAt(0) - ESCAPE
    return char.length === 1 && byte >= 0x80 && byte <= 0xff ? Buffer.of(byte) : Buffer.from(char)
  })
  return Buffer.concat(parts)
}

/** A name as functions of node:fs take it. */
export function pathOf(name: string): string | Buffer {
  return name.isWellFormed() ? name : bytesOf(name)
}

/** The names in a directory. @throws a Node system error */
export function namesIn(path: string): string[] {
  const names = readdirSync(pathOf(path))
  // Where Node has put a mark for what is not UTF-8
  if (!names.some(isLossy)) return names
  return readdirSync(pathOf(path), { encoding: 'buffer' }).map(nameOf)
}

/** Where a symbolic link leads. @throws a Node system error */
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

/** What makes a path of a tree too long, for people; undefined where nothing does. */
export function tooLong(path: string): string | undefined {
  const length = bytesOf(path).length
  const long = path.split('/').find((name) => bytesOf(name).length > LONGEST_NAME)
  if (long !== undefined)
    return `has a name of ${bytesOf(long).length} bytes, and a file system takes ${LONGEST_NAME}`
  if (length > LONGEST_PATH)
    return `has ${length} bytes, and a path of a tree may have ${LONGEST_PATH}`
  return undefined
}

/** How much of a name people see from its begin and its end. */
const SHOWN = 80

/** Text with names in it for people: other bytes than UTF-8 as `\\351`, which is how ls(1) has them; without its middle where it is very long. */
export function readable(text: string): string {
  const whole = text.length <= 3 * SHOWN ? text : `${text.slice(0, SHOWN)}…${text.slice(-SHOWN)}`
  return whole.isWellFormed()
    ? whole
    : [...whole].map((char) => (char.isWellFormed() ? char : octal(char))).join('')
}

function octal(char: string): string {
  return `\\${(char.charCodeAt(0) - ESCAPE).toString(8)}`
}

/** A name for people, in quotes. */
export function quoted(name: string): string {
  // What stands for a byte would be escaped once more
  return JSON.stringify(readable(name)).replace(/\\\\(?=[2-3][0-7]{2})/g, '\\')
}
