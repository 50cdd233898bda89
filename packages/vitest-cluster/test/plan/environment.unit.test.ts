import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  environmentOf,
  script,
  unitVariables,
  withAllVariables,
  withVariables,
} from '../../src/plan/environment.ts'

// A failure prints the seed; to try others: VITEST_CLUSTER_TEST_SEED=$RANDOM
const seed = Number(process.env['VITEST_CLUSTER_TEST_SEED'] ?? 20261128)
const numRuns = Math.ceil(Number(process.env['VITEST_CLUSTER_TEST_RUNS'] ?? 1500) / 30)

test('a service has default variables, and its own override them', () => {
  expect(environmentOf('web', { LANG: 'de_DE.UTF-8', A: 'b' })).toEqual({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'de_DE.UTF-8',
    HOME: '/srv/web',
    A: 'b',
  })
})

test('variables that systemd refuses, or that affect other programs, are passed by env(1)', () => {
  const all = {
    A: 'b',
    'discovery.type': 'single-node',
    LD_PRELOAD: 'x.so',
    MAINPID: '1',
    B: '\x1b',
  }
  expect(unitVariables(all)).toEqual({ A: 'b' })
  expect(withVariables(['/bin/web', '-v'], all)).toEqual([
    ...['/usr/bin/env', '--', 'discovery.type=single-node', 'LD_PRELOAD=x.so', 'MAINPID=1'],
    ...['B=\x1b', '/bin/web', '-v'],
  ])
  expect(withVariables(['/bin/web'], { A: 'b' })).toEqual(['/bin/web'])
})

test("a script of the library does not have the service's variables", () => {
  const [program = '', ...words] = script('web', ['-c', '/usr/bin/env'], { A: 'b', PATH: '/x' })
  const out = execFileSync(program, words, { env: { A: 'b', PATH: '/x', MAINPID: '7' } })
  const lines = `${out}`.split('\n').filter((line) => !/^(PWD|SHLVL|_|OLDPWD|)(=|$)/.test(line))
  expect(lines.sort()).toEqual([
    'HOME=/srv/web',
    'LANG=C.UTF-8',
    'MAINPID=7',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  ])
})

test('a program gets a variable of any name', () => {
  const name = fc
    .string({ unit: fc.constantFrom('a', 'Z', '1', '-', '.', ' ', '\n', '"', '$', 'ä', '𝄞') })
    .filter((text) => text !== '')
  const value = fc.string({ unit: fc.constantFrom('a', '=', '\n', '\x1b', '$', 'ä', "'") })
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (variables) => {
      const argv = withAllVariables(['/usr/bin/cat', '/proc/self/environ'], variables)
      const [program = '', ...words] = argv
      const entries = Object.entries(variables).map(([key, text]) => `${key}=${text}\0`)
      expect(`${execFileSync(program, words, { env: {} })}`).toBe(entries.join(''))
    }),
    { seed, numRuns },
  )
})

test("a program's path may contain =", () => {
  const argv = withAllVariables(['/bin/a=b', 'c'], { A: 'b' })
  expect(argv).toEqual(['/usr/bin/env', '--', 'A=b', '/usr/bin/nice', '-n', '0', '/bin/a=b', 'c'])
})
