import { createHash, timingSafeEqual } from 'node:crypto'
import type { Readable } from 'node:stream'

/** What `hgmo` asks for: the values of the cluster, or a program on one of its hosts. */
export type Request =
  | { readonly command: 'state' }
  | {
      readonly command: 'exec'
      readonly host: string
      readonly argv: readonly string[]
      /** Whether the client's standard output and standard error are one file. */
      readonly merged: boolean
      readonly detach: boolean
    }

/** A request with the length of the input that follows it, or why it is none. */
export type Parsed =
  | { readonly request: Request; readonly input: number }
  | { readonly refused: string }

/** In bytes: arguments of a program, at most those of execve(2). */
const LONGEST = 2 ** 21

/** Reads the first line of a connection. Pure. */
export function parseRequest(line: string, token: string): Parsed {
  let given: unknown
  try {
    given = JSON.parse(line)
  } catch {
    return { refused: 'the request is not JSON' }
  }
  if (!isRecord(given) || !isEqual(given['token'], token)) return { refused: 'wrong HGMO_TOKEN' }
  const { command, host, argv, merged, detach, input = 0 } = given
  if (!isLength(input)) return { refused: 'the length of the input is wrong' }
  if (command === 'state') return { request: { command }, input }
  if (command !== 'exec') return { refused: `there is no command ${JSON.stringify(command)}` }
  if (typeof host !== 'string' || !isWords(argv) || argv.length === 0)
    return { refused: 'exec needs a host and a program' }
  const request = { command, host, argv, merged: merged === true, detach: detach === true } as const
  return { request, input }
}

/** Reads a request, a line of JSON, and the input that follows it. */
export async function readRequest(
  stream: Readable,
  token: string,
): Promise<{ readonly request: Request; readonly input: Buffer } | { readonly refused: string }> {
  let read = Buffer.alloc(0)
  let parsed: Parsed | undefined
  let rest = 0
  // The stream stays open for the answer
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    read = Buffer.concat([read, chunk])
    if (!parsed) {
      const line = read.indexOf(10)
      if (line === -1 && read.length > LONGEST) return { refused: 'the request is too long' }
      if (line === -1) continue
      parsed = parseRequest(read.subarray(0, line).toString(), token)
      rest = line + 1
    }
    if ('refused' in parsed) return parsed
    const { request, input } = parsed
    if (read.length >= rest + input) return { request, input: read.subarray(rest, rest + input) }
  }
  return { refused: 'the request is not complete' }
}

/** Compares secrets in a time that says nothing about where they differ. */
function isEqual(given: unknown, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(token))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string')
}

/** 1 GiB at most: files of `docker cp`. */
function isLength(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 2 ** 30
}
