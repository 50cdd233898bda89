import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { INSTALLED } from './support/project.ts'

const packages = ['vitest-cluster', 'fixtures'].map((name) => {
  const directory = resolve(import.meta.dirname, '../packages', name)
  return { directory, json: JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) }
})
const entries: string[] = packages.flatMap(({ json }) =>
  Object.keys(json.exports)
    .filter((path) => path !== './package.json')
    .map((path) => `${json.name}${path.slice(1)}`),
)
const bins: string[] = packages.flatMap(({ directory, json }) =>
  Object.values<string>(json.bin ?? {}).map((path) => resolve(directory, path)),
)
const NEEDS =
  /^(ClusterError: )?vitest-cluster needs Node \^22\.12 \|\| .*, but this is Node v20\./m

// This Node with version 20, and older ones if they are installed
const OLD = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process, 'version', { value: 'v20.9.0' })")}`
const nodes = [[process.execPath, '--import', OLD], ...oldNodes().map((path) => [path])]

function oldNodes(): string[] {
  return ['/usr/bin/node', '/usr/local/bin/node', '/usr/bin/nodejs'].filter((path) => {
    try {
      return execFileSync(path, ['--version'], { encoding: 'utf8' }).startsWith('v20.')
    } catch {
      return false
    }
  })
}

test('the packages have entries and programs', () => {
  expect(entries).toContain('vitest-cluster/global-setup')
  expect(entries).toContain('@vitest-cluster/fixtures/ldap')
  expect(bins).not.toEqual([])
})

test.for(entries)(
  'the entry %s reports the required Node before it loads other modules',
  async (entry) => {
    for (const [program = '', ...options] of nodes) {
      const script = `await import('${entry}')`
      const { stderr, exitCode } = await execa(
        program,
        [...options, '--input-type=module', '--eval', script],
        { cwd: INSTALLED, reject: false },
      )
      expect(stderr).toMatch(NEEDS)
      expect(exitCode).toBe(1)
    }
  },
)

test.for(bins)(
  'the program %s reports the required Node in one line, with the fix',
  async (bin) => {
    for (const [program = '', ...options] of nodes) {
      const { stderr, stdout, exitCode } = await execa(program, [...options, bin, 'list'], {
        reject: false,
      })
      expect(stderr).toMatch(NEEDS)
      expect(stderr.split('\n')).toEqual([
        expect.stringMatching(NEEDS),
        expect.stringMatching(/^ {2}fix: /),
      ])
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
    }
  },
)
