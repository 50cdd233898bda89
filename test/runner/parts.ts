import { globSync } from 'node:fs'

/** A command of a test run. It has passed when it ends with 0 and its tests, if it has any, did. */
export interface Part {
  readonly name: string
  readonly argv: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Its own results, by test/runner/reporter.ts; any other part is one check. */
  readonly tests?: boolean
}

export type Depth = 'here' | 'ci' | 'all'

const root = process.getuid?.() === 0

/** What needs no service: seconds. */
export function checks(): Part[] {
  const scripts = `for script in $(git -c safe.directory=\\* ls-files scripts .ci packages/*/libexec); do
    case $script in
    *.js | *.json* | *.py | *.cfg | */manager/*) ;;
    *.pl) perl -c "$script" || exit 1 ;;
    *) sh -n "$script" || exit 1 ;;
    esac
  done`
  const recipes = `for recipe in docs/ci/*.yml; do
    steps=$(node scripts/recipe.js "$recipe") && echo "$steps" | sh -n || exit 1
  done`
  // For those who bring their own machine; scripts/setup does not install it
  const vagrant = 'command -v vagrant >/dev/null || exit 0; vagrant validate --ignore-provider'
  return [
    ...Object.entries({ scripts, recipes, vagrant }).map(([name, script]) => ({
      name,
      argv: ['sh', '-c', script],
    })),
    ...['lint', 'types', 'publint', 'knip'].map((name) => ({
      name,
      argv: ['npm', 'run', '--silent', name],
    })),
    { name: 'reference', argv: ['scripts/reference', '--check'] },
  ]
}

/** The tests as whoever calls, and the README's first command. */
export function here(depth: Depth): Part[] {
  const env = depth === 'all' ? { VITEST_CLUSTER_TEST_LONG: '1' } : {}
  return [
    { ...suite('here'), env },
    ...(depth === 'all' ? [underUmask('077')] : []),
    example('quickstart'),
  ]
}

/**
 * What can have another answer elsewhere, in lanes that run side by side. Here is systemd 252 on CI's kind of machine;
 * bookworm has it, too, so root is not run there but by `all`.
 */
export function elsewhere(depth: Depth): Part[][] {
  const axes = (...names: string[]) => (depth === 'all' ? [] : ['--axes', names.join(' ')])
  const examples = globSync('*/vitest.config.ts', { cwd: 'examples' })
    .map((path) => path.split('/')[0] ?? '')
    .filter((name) => name !== 'quickstart')
    .sort()
  const local = [packed('vitest-4.1', '4.1', axes('vitest')), ...examples.map(example)]
  if (!root) return [local]
  return [
    [
      machine('bookworm', 'dev', axes('user')),
      privately(axes('private')),
      ...(depth === 'all' ? [machine('bookworm', 'root', [])] : []),
      ...local,
    ],
    [
      machine('trixie', 'dev', axes('systemd')),
      machine('trixie', 'root', axes('systemd')),
      machine('forky', 'dev', axes('systemd')),
      machine('forky', 'root', axes('systemd')),
    ],
  ]
}

/** Before any machine of a suite runs: two lanes would wait for each other. */
export function machines(): Part[] {
  if (!root) return []
  return ['bookworm', 'trixie', 'forky'].map((name) => ({
    name: `build-${name}`,
    argv: ['test/machines/build', name],
  }))
}

function suite(name: string, options: readonly string[] = []): Part {
  return { name, argv: ['scripts/suite', ...options], tests: true }
}

/** The suite under a umask that others have: files are for other uids all the same. */
function underUmask(umask: string): Part {
  const script = `umask ${umask} && exec "$@"`
  return { ...suite(`umask-${umask}`), argv: ['sh', '-c', script, 'sh', ...suite('').argv] }
}

function example(name: string): Part {
  const reporters = ['--reporter=default', '--reporter=../../test/runner/reporter.ts']
  return {
    name: `example-${name}`,
    argv: ['../../scripts/in-cgroup', 'vitest', 'run', ...reporters],
    cwd: `examples/${name}`,
    tests: true,
  }
}

function machine(os: string, user: string, options: readonly string[]): Part {
  return inMachine(`${os}-${user}`, os, user, suite('', options).argv)
}

/** An ordinary user under a private manager, which takes a control group of the user's own: a scope gives it. */
function privately(options: readonly string[]): Part {
  const scope = ['systemd-run', '--user', '--scope', '--quiet', '--property=Delegate=yes', '--']
  const part = inMachine('bookworm-dev-private', 'bookworm', 'dev', [
    ...scope,
    ...suite('', options).argv,
  ])
  return { ...part, env: { ...part.env, VITEST_CLUSTER_MANAGER: 'private' } }
}

/** run(1) of test/machines copies what is written into /run/machine/output. */
function inMachine(name: string, os: string, user: string, argv: readonly string[]): Part {
  const run = ['test/machines/run', os, '--user', user, '--output', '$RESULTS', '--']
  const env = { VITEST_CLUSTER_TEST_RESULTS: `/run/machine/output/${name}.json` }
  return { name, argv: [...run, ...argv], env, tests: true }
}

/** The suite here; what it starts are another Vitest and the packages as npm would publish them. */
function packed(name: string, version: string, options: readonly string[]): Part {
  const script = 'scripts/packed "$1" "$2" && shift 2 && exec scripts/suite "$@"'
  const argv = ['sh', '-euc', script, 'sh', '$INSTALLED', version, ...options]
  return { name, argv, env: { VITEST_CLUSTER_TEST_INSTALLED: '$INSTALLED' }, tests: true }
}
