import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClusterError, errnoOf, isClusterError, messageOf, type Site } from '../errors.ts'
import { printable } from '../printable.ts'
import { userFrames } from './frames.ts'
import { withSyntaxPlace } from './syntax-place.ts'

/** How many callers of a line that threw are shown. */
const CALLERS = 3

/**
 * What the import of a definition failed with, as an error that names the user's line: of Node in the shell, of Vite in
 * Vitest. Errors of the library are passed on.
 */
export function configError(error: unknown, path: string): unknown {
  if (isClusterError(error)) return error
  const {
    what,
    fix,
    at,
    callers = [],
  } = missingModule(error, path) ?? syntaxError(placed(error, path), path) ?? thrown(error)
  return new ClusterError(
    {
      code: 'INVALID_DEFINITION',
      message: `${path} cannot be loaded: ${what}`,
      // A string that was thrown has no place: the file has
      at: at ?? { file: path, line: 1, column: 1 },
      ...(callers.length > 0 && {
        paths: callers.map(({ file, line, column }) => `called at ${file}:${line}:${column}`),
      }),
      fix,
    },
    { cause: error },
  )
}

interface Found {
  readonly what: string
  readonly fix: string
  readonly at: Site | undefined
  readonly callers?: readonly Site[]
}

/** An import of a file, a package or a part of a package that does not exist. */
function missingModule(error: unknown, path: string): Found | undefined {
  const message = printable(messageOf(error))
  const [, wanted = '', by = path] =
    /(?:Failed to load url|Cannot find (?:module|package)) ['"]?(.+?)['"]?(?: \(resolved id: .*?\))? (?:in|imported from) ['"]?(.+?)['"]?(?:\. Does the file exist\?|\n|$)/.exec(
      message,
    ) ?? []
  const [, part = '', from = '', of = path] =
    /Package subpath '(.+?)' is not defined by "exports" in .*\/node_modules\/(.+?)\/package\.json(?: imported from (.+))?/.exec(
      message,
    ) ??
    /Missing "(.+?)" specifier in "(.+?)" package/.exec(message) ??
    /^"(.+?)" is not exported .* from package .*\/node_modules\/(.+?) \(/.exec(message) ??
    []
  const importer = pathOf(wanted ? by : of)
  const given = wanted || (part && join(from, part))
  if (!given) return undefined
  const found = importOf(given, importer)
  const specifier = found?.specifier ?? given
  const relative = /^[./]/.test(specifier)
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  return {
    what: part ? `${name} has no '${specifier}' to import` : `there is no '${specifier}' to import`,
    fix: part
      ? `Correct the name; "exports" of package.json of ${name} lists what it has.`
      : relative
        ? "Correct the path, with the file's extension, such as './cache.ts'."
        : `Install it: npm install --save-dev ${name}. In the shell there are no aliases of vitest.config and no paths of tsconfig.json.`,
    at: found?.at,
  }
}

/** Where a file imports something: by what it has written, or the path that this stands for. */
function importOf(
  given: string,
  importer: string,
): { readonly specifier: string; readonly at: Site } | undefined {
  const source = sourceOf(importer)
  for (const [index, line] of source.split('\n').entries()) {
    for (const match of line.matchAll(/(['"`])(.+?)\1/g)) {
      const specifier = match[2] ?? ''
      const path = /^\.{0,2}\//.test(specifier) ? resolve(dirname(importer), specifier) : specifier
      if (specifier === given || path === given)
        return { specifier, at: { file: importer, line: index + 1, column: match.index + 1 } }
    }
  }
  return undefined
}

/** What V8, Node or Vite cannot parse. */
function syntaxError(error: unknown, path: string): Found | undefined {
  if (!(error instanceof Error)) return undefined
  const stack = printable(error.stack ?? '')
  const message = printable(error.message)
  const fix = 'Correct that line.'
  // V8 and Node put file, line and source lines before the error's name
  const [, file = '', row = '0', shown = ''] =
    /^((?:file:|\/).+):(\d+)\n([\s\S]*?)^\S*SyntaxError/m.exec(stack.replaceAll('\t', ' ')) ?? []
  if (file) {
    const lines = shown.trimEnd().split('\n')
    const mark = lines.findIndex((each) => /^ *\^+$/.test(each))
    const line = lines[mark - 1] ?? ''
    const column = (lines[mark]?.indexOf('^') ?? 0) + 1
    return {
      what: `SyntaxError: ${message}`,
      fix: fixOfSyntax(error, line.trim().startsWith('@')) ?? fix,
      at: quoted({ file: pathOf(file), line: Number(row), column }, line),
    }
  }
  if (errnoOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return { what: message, fix: fixOfSyntax(error) ?? fix, at: undefined }
  // Vite's transform, by oxc (Vite 8) or esbuild (Vite 7): one of these, and the file in `id`
  const { id = path } = viteParts(error)
  const [, before, oxcLine, oxcColumn] =
    /\[PARSE_ERROR\] (.+)[\s\S]*?\[ .+?:(\d+):(\d+) \]/.exec(message) ?? []
  const [, esLine, esColumn, after] = /:(\d+):(\d+): ERROR: (.+)/.exec(message) ?? []
  const what = before ?? after
  if (what === undefined) return undefined
  return {
    what: `SyntaxError: ${what}`,
    fix,
    at: {
      file: id,
      line: Number(oxcLine ?? esLine),
      // esbuild counts columns from 0
      column: oxcColumn === undefined ? Number(esColumn) + 1 : Number(oxcColumn),
    },
  }
}

/** Of JavaScript that it cannot parse Vite says neither what is wrong nor where. */
function placed(error: unknown, path: string): unknown {
  const { id = path } = viteParts(error)
  return messageOf(error).startsWith('Failed to parse source') ? withSyntaxPlace(error, id) : error
}

/** What Vite knows of an error; Vitest keeps that in a property. */
function viteParts(error: unknown): { readonly id?: string } {
  const own = error as { id?: unknown; __vitest_rollup_error__?: { id?: unknown } } | undefined
  const id = own?.__vitest_rollup_error__?.id ?? own?.id
  return typeof id === 'string' ? { id } : {}
}

function fixOfSyntax(error: Error, decorator = false): string | undefined {
  if (decorator) return 'Write it without decorators: neither Node nor Vite runs them.'
  if (errnoOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node only removes types: write an enum as an object, a parameter property as a field, a namespace as a module. Or install vitest, whose Vite compiles them.'
  const [, name] = /does not provide an export named '(.+?)'/.exec(error.message) ?? []
  return name === undefined
    ? undefined
    : `Correct the name, or export ${name} there. A type is imported by: import type { ${name} }.`
}

/** The place of a source line. A runner's own line numbers are those of compiled code. */
function quoted(at: Site, line: string): Site | undefined {
  const lines = sourceOf(at.file).split('\n')
  const has = (other: string | undefined) => other?.includes(line.trim()) ?? false
  if (has(lines[at.line - 1])) return at
  const index = lines.findIndex(has)
  return index < 0 ? undefined : { file: at.file, line: index + 1, column: 1 }
}

/** What the user's own code threw: with its name, and the user's lines. */
function thrown(error: unknown): Found {
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : ''
  const [at, ...callers] = error instanceof Error ? userFrames(error) : []
  const said = printable(messageOf(error))
  const [, missing] = /__vite_ssr_import_\d+__\.([\w$]+)\) is not a/.exec(said) ?? []
  return {
    // Vite's name for an import, as the user wrote it
    what: `${name}${said.replace(/\(0 ?, ?__vite_ssr_import_\d+__\.([\w$]+)\)/g, '$1')}`,
    fix: missing
      ? `See that its module exports ${missing}.`
      : 'Correct that line, or what it calls.',
    at,
    callers: callers.slice(0, CALLERS),
  }
}

function pathOf(place: string): string {
  return place.startsWith('file://') ? fileURLToPath(place) : place
}

function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
