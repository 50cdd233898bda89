import { globSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

/** Where the tests of the cluster are, in the checkout. */
export const DIRECTORIES = ['hgserver/tests', 'pylib/vcsreplicator/tests'] as const

/** A test file of the checkout. */
export interface TestFile {
  /** Its path in the checkout. */
  readonly path: string
  /** Whether it is for Mercurial's harness, or for a Python test runner. */
  readonly kind: 't' | 'py'
  /** Whether it uses `hgmo`. */
  readonly cluster: boolean
  /** Whether the checkout's own list of flaky tests has it. */
  readonly flaky: boolean
}

/**
 * The test files that the words of a command line name: files, directories and names such as `test-hsts.t`.
 * @throws for a word that names none
 */
export function testFiles(checkout: string, words: readonly string[]): TestFile[] {
  const flaky = readFileSync(join(checkout, 'testing/flaky-tests.txt'), 'utf8').split('\n')
  const named = words.length > 0 ? words : DIRECTORIES
  const paths = named.flatMap((word) => pathsOf(checkout, word))
  return [...new Set(paths)].map((path) => {
    const text = readFileSync(join(checkout, path), 'utf8')
    return {
      path,
      kind: path.endsWith('.t') ? 't' : 'py',
      cluster: /^#require .*\bhgmodocker\b/m.test(text) || /^ {2}\$ hgmo /m.test(text),
      flaky: flaky.some((line) => line.trim() === path.split('/').at(-1)),
    }
  })
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
