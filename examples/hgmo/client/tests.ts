import { globSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

/** Where the tests of the cluster are, in the checkout. */
export const DIRECTORIES = ['hgserver/tests', 'pylib/vcsreplicator/tests'] as const

/** A test file of the checkout. */
export interface TestFile {
  /** Its path in the checkout, and the case of a file with several: `test-pushkey-phases.t#bundle2`. */
  readonly path: string
  /** Whether it is for Mercurial's harness, or for a Python test runner. */
  readonly kind: 't' | 'py'
  /** Whether it uses `hgmo`. */
  readonly cluster: boolean
  /** Whether the checkout's own list of flaky tests has it. */
  readonly flaky: boolean
}

/**
 * The test files that the words of a command line name: files, directories and names such as `test-hsts.t`, and single cases
 * such as `test-pushkey-phases.t#bundle2`.
 * @throws for a word that names none
 */
export function testFiles(checkout: string, words: readonly string[]): TestFile[] {
  const flaky = readFileSync(join(checkout, 'testing/flaky-tests.txt'), 'utf8').split('\n')
  const named = words.length > 0 ? words : DIRECTORIES
  const files = named.flatMap((word) => {
    const [, file = word, name = ''] = /^(.*\.t)(#.*)$/.exec(word) ?? []
    const found = pathsOf(checkout, file).flatMap((path) => filesAt(checkout, path, flaky))
    const wanted = found.filter(({ path }) => path.endsWith(name))
    if (wanted.length > 0) return wanted
    const cases = found.map(({ path }) => path).join(', ')
    throw new Error(`${file} has no case ${name}: the harness would run ${cases}`)
  })
  return [...new Map(files.map((file) => [file.path, file])).values()]
}

/** A test file, or each of its cases. */
function filesAt(checkout: string, path: string, flaky: readonly string[]): TestFile[] {
  const text = readFileSync(join(checkout, path), 'utf8')
  const file = {
    kind: path.endsWith('.t') ? 't' : 'py',
    cluster: /^#require .*\bhgmodocker\b/m.test(text) || /^ {2}\$ hgmo /m.test(text),
    flaky: flaky.some((line) => line.trim() === path.split('/').at(-1)),
  } as const
  return casesOf(text).map((name) => ({ path: `${path}${name}`, ...file }))
}

/**
 * The cases of a test file, each as the end of its name: the harness runs a file once for each, and each expects a cluster
 * in which nothing has happened. Several lines are combined. Pure.
 */
export function casesOf(text: string): string[] {
  const lines = [...text.matchAll(/^#testcases (.*)$/gm)]
  return lines
    .map(([, names = '']) => names.split(/\s+/).filter(Boolean))
    .reduce((cases, names) => cases.flatMap((one) => names.map((name) => `${one}#${name}`)), [''])
}

function pathsOf(checkout: string, word: string): string[] {
  const places = [
    ...[resolve(word), resolve(checkout, word)],
    ...DIRECTORIES.map((directory) => join(checkout, directory, word)),
  ]
  for (const place of places) {
    const path = relative(checkout, place)
    const stat = statSync(place, { throwIfNoEntry: false })
    if (!stat || path.startsWith('..')) continue
    if (stat.isFile()) return [path]
    const below = globSync('**/test-*.{t,py}', { cwd: place }).toSorted()
    if (below.length > 0) return below.map((each) => join(path, each))
  }
  throw new Error(`${word} is neither a test file nor a directory with test files of ${checkout}`)
}
