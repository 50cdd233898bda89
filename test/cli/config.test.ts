// @module-tag vitest
import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { type Files, project } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

const HEAD = `import { defineCluster } from 'vitest-cluster'
import { cache } from './cache.ts'
`
const END = 'export default defineCluster({ services: { cache: cache() } })\n'

interface Mistake {
  readonly what: string
  readonly files: Files
  /** The message, the place and the marked line, and the fix. */
  readonly says: readonly string[]
  readonly vitest?: readonly string[]
}

const mistakes: readonly Mistake[] = [
  {
    what: 'a syntax error',
    files: {
      'cluster.config.ts': `${HEAD}export default defineCluster({ services: { cache( } })\n`,
    },
    says: ['SyntaxError: ', 'cluster.config.ts:3:', '    3 | export default defineCluster('],
  },
  {
    what: 'a syntax error of a module',
    files: {
      'cluster.config.ts': `${HEAD}import './other.ts'\n${END}`,
      'other.ts': '// Three\nconst = 3\n',
    },
    says: ['SyntaxError: ', 'other.ts:2:7\n', '    2 | const = 3\n      |       ^\n'],
    vitest: ['SyntaxError: Unexpected', '❯ other.ts:2:7'],
  },
  {
    what: 'a syntax error of JavaScript',
    files: { 'cluster.config.mjs': 'export default { services: { }\n' },
    says: ['SyntaxError: Unexpected end of input', 'cluster.config.mjs:2:'],
  },
  {
    what: 'a decorator',
    files: { 'cluster.config.ts': `${HEAD}class A {\n  @once x() {}\n}\n${END}` },
    says: [
      'SyntaxError: Invalid or unexpected token',
      'cluster.config.ts:4:3\n',
      '    4 |   @once x() {}\n      |   ^\n',
      'fix: Remove the decorators',
    ],
  },
  {
    what: 'a module that does not exist',
    files: { 'cluster.config.ts': `${HEAD}import { x } from './no-such.ts'\nx()\n${END}` },
    says: [
      "cannot find './no-such.ts' [INVALID_DEFINITION]",
      'cluster.config.ts:3:19\n',
      "    3 | import { x } from './no-such.ts'\n      |                   ^\n",
      'fix: Correct the path',
    ],
    vitest: [
      "cannot find './no-such.ts' [INVALID_DEFINITION]",
      'fix: Correct the path',
      '❯ cluster.config.ts:3:19',
    ],
  },
  {
    what: 'a package that is not installed',
    files: { 'cluster.config.ts': `${HEAD}import { x } from '@no/such/part'\nx()\n${END}` },
    says: [
      "cannot find '@no/such/part'",
      'cluster.config.ts:3:19\n',
      'fix: Install it: npm install --save-dev @no/such.',
    ],
  },
  {
    what: 'a part that a package does not export',
    files: {
      'cluster.config.ts': `${HEAD}import { x } from 'vitest-cluster/no-such'\nx()\n${END}`,
    },
    says: ["vitest-cluster does not export 'vitest-cluster/no-such'", 'cluster.config.ts:3:19\n'],
  },
  {
    what: 'an export that a module does not have',
    files: { 'cluster.config.ts': `${HEAD}import { other } from './cache.ts'\nother()\n${END}` },
    says: [
      "SyntaxError: The requested module './cache.ts' does not provide an export named 'other'",
      'cluster.config.ts:3:10\n',
      'fix: Correct the name, or export other from that module.',
    ],
  },
  {
    what: 'an exception',
    files: {
      'cluster.config.ts': `${HEAD}import { read } from './read.ts'\nread({})\n${END}`,
      'read.ts': 'export function read(options: any) {\n  return options.a.b\n}\n',
    },
    says: [
      "TypeError: Cannot read properties of undefined (reading 'b')",
      'read.ts:2:20\n',
      '    2 |   return options.a.b\n      |                    ^\n',
      'cluster.config.ts:4:1\n',
    ],
    vitest: ['TypeError: Cannot read properties of undefined', '❯ read.ts:2:20', 'called at '],
  },
  {
    what: 'an exception below TypeScript that only Vite compiles',
    files: {
      'cluster.config.ts': `${HEAD}enum Size { Small }\nthrow new RangeError('too small ' + Size.Small)\n`,
    },
    says: ['RangeError: too small 0', 'cluster.config.ts:4:7\n'],
  },
  {
    what: 'a default export that is not a cluster',
    files: { 'cluster.config.ts': `${HEAD}export default () => cache()\n` },
    says: [
      'is not a cluster [INVALID_DEFINITION]',
      'cluster.config.ts:3:1\n',
      'fix: export default defineCluster(',
    ],
  },
]

test.for(mistakes)('the shell shows the line of $what', async ({ files, says }) => {
  const shell = await Shell.open(project(files))
  const { exitCode, stdout, stderr } = await shell.run('plan')
  for (const words of says) expect(stderr).toContain(words)
  expect(stderr).toContain('[INVALID_DEFINITION]')
  expect(stderr).not.toMatch(/^ +at .*(node:|node_modules|packages)/m)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
})

test.for(mistakes.filter(({ vitest }) => vitest))(
  'Vitest shows the line of $what',
  async ({ files, vitest = [] }) => {
    const tests = "import { test } from 'vitest'\ntest('is never run', () => {})\n"
    const { exitCode, output } = await runVitest(project({ ...files, 'a.spec.ts': tests }))
    for (const words of vitest) expect(output).toContain(words)
    expect(output).not.toMatch(/❯ .*(node_modules|packages|vitest-cluster\/(src|dist))/)
    expect(exitCode).toBe(1)
  },
)

test('every command that loads the definition shows its error', async () => {
  const shell = await Shell.open(
    project({ 'cluster.config.ts': `${HEAD}import './no-such.ts'\n${END}` }),
  )
  for (const words of [['up'], ['run', '--', 'true'], ['tree'], ['doctor']]) {
    const { exitCode, stderr } = await shell.run(...words)
    expect(stderr).toContain("    3 | import './no-such.ts'\n      |        ^\n")
    expect(exitCode).toBe(1)
  }
})
