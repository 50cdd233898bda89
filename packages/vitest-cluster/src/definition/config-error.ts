import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClusterError, errnoOf, isClusterError, messageOf, type Site } from '../errors.ts'
import { printable } from '../printable.ts'
import { userFrames } from './frames.ts'
import { withSyntaxPlace } from './syntax-place.ts'

/** How many callers of the throwing line are shown. */
const CALLERS = 3

/**
 * Converts an error from the import of a definition, by Node in the shell or by Vite in Vitest, to one that names the
 * user's line. Returns errors of the library unchanged.
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
      // A thrown string has no place: name the file
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
    what: part ? `${name} does not export '${specifier}'` : `cannot find '${specifier}'`,
    fix: part
      ? `Correct the name: "exports" in the package.json of ${name} lists the valid ones.`
      : relative
        ? "Correct the path, with the file's extension, such as './cache.ts'."
        : `Install it: npm install --save-dev ${name}. Aliases of vitest.config and paths of tsconfig.json do not work in the shell.`,
    at: found?.at,
  }
}

/** The place of an import in a file, by its specifier or by the path that the specifier resolves to. */
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

/** A syntax error of V8, Node or Vite. */
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
      at: placeOfLine({ file: pathOf(file), line: Number(row), column }, line),
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

/** Adds the reason and the place that Vite's error lacks for JavaScript that it cannot parse. */
function placed(error: unknown, path: string): unknown {
  const { id = path } = viteParts(error)
  return messageOf(error).startsWith('Failed to parse source') ? withSyntaxPlace(error, id) : error
}

/** Vite's data about an error, which Vitest keeps in a property. */
function viteParts(error: unknown): { readonly id?: string } {
  const own = error as { id?: unknown; __vitest_rollup_error__?: { id?: unknown } } | undefined
  const id = own?.__vitest_rollup_error__?.id ?? own?.id
  return typeof id === 'string' ? { id } : {}
}

function fixOfSyntax(error: Error, decorator = false): string | undefined {
  if (decorator) return 'Remove the decorators: neither Node nor Vite supports them.'
  if (errnoOf(error) === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return 'Node only removes types: write an enum as an object, a parameter property as a field, a namespace as a module. Or install vitest, whose Vite compiles them.'
  const [, name] = /does not provide an export named '(.+?)'/.exec(error.message) ?? []
  return name === undefined
    ? undefined
    : `Correct the name, or export ${name} from that module. Import a type with: import type { ${name} }.`
}

/** The place of a source line in the user's file: a runner's line numbers are those of compiled code. */
function placeOfLine(at: Site, line: string): Site | undefined {
  const lines = sourceOf(at.file).split('\n')
  const has = (other: string | undefined) => other?.includes(line.trim()) ?? false
  if (has(lines[at.line - 1])) return at
  const index = lines.findIndex(has)
  return index < 0 ? undefined : { file: at.file, line: index + 1, column: 1 }
}

/** An error that the user's own code threw. */
function thrown(error: unknown): Found {
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : ''
  const [at, ...callers] = error instanceof Error ? userFrames(error) : []
  const said = printable(messageOf(error))
  const [, missing] = /__vite_ssr_import_\d+__\.([\w$]+)\) is not a/.exec(said) ?? []
  return {
    // With the user's name of an import in place of Vite's
    what: `${name}${said.replace(/\(0 ?, ?__vite_ssr_import_\d+__\.([\w$]+)\)/g, '$1')}`,
    fix: missing
      ? `Check that its module exports ${missing}.`
      : 'Correct that line, or the code that it calls.',
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
