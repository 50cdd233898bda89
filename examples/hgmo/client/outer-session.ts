import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Cluster } from './cluster.ts'

/** The command of this library, as in `npx vitest-cluster`. */
const COMMAND = fileURLToPath(
  new URL('bin/vitest-cluster.js', import.meta.resolve('vitest-cluster/package.json')),
)

/** What `vitest-cluster status --json` says of a service. */
interface Status {
  readonly service: string
  readonly state: string
  readonly ended?: string
  readonly address: string
}

/** The cluster of the session in VITEST_CLUSTER_SESSION, which `vitest-cluster run` sets for its command. */
export function outerCluster(): Cluster {
  let first: Promise<readonly Status[]> | undefined
  // Names and addresses do not change
  const known = async (host: string) => {
    first ??= status()
    return (await first).filter(({ service }) => service.startsWith(`${host}-`))
  }
  return {
    address: async (host) => {
      const [found] = await known(host)
      if (!found) throw new Error(`the session has no host ${host} with services`)
      return found.address
    },
    services: async (host) =>
      (await known(host)).map(({ service }) => service.slice(host.length + 1)),
    down: async (host, name) => {
      const found = (await status()).find(({ service }) => service === `${host}-${name}`)
      return found?.state === 'active' ? undefined : `${host}-${name}: ${found?.ended ?? 'is down'}`
    },
    start: async (host, name) => done(['start', `${host}-${name}`]),
    stop: async (host, name) => done(['stop', '--alone', `${host}-${name}`]),
    exec: (host, argv, { user, cwd, env, input, stdout, stderr }) => {
      const variables = Object.entries(env).flatMap(([name, value]) => [
        '--env',
        `${name}=${value}`,
      ])
      const options = ['--stdin', '--user', user, '--cwd', cwd, ...variables]
      return run(['exec', ...options, host, '--', ...argv], { input, stdout, stderr })
    },
  }
}

interface Streams {
  readonly input?: Uint8Array
  readonly stdout: Writable
  readonly stderr: Writable
}

/** Runs a command of the library; resolves with its exit code. */
async function run(argv: readonly string[], { input, stdout, stderr }: Streams): Promise<number> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', COMMAND, ...argv]
  // The command keeps the order of both outputs if they are one file
  const [program = '', ...words] =
    stdout === stderr ? ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...node] : node
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}).end(input)
  child.stdout.pipe(stdout, { end: false })
  child.stderr.pipe(stderr, { end: false })
  const [code] = await once(child, 'close')
  return code ?? 1
}

/** @throws with what the command wrote */
async function output(argv: readonly string[], ...accepted: readonly number[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([text(stdout), text(stderr)])
  const code = await run(argv, { stdout, stderr })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  if (code !== 0 && !accepted.includes(code)) throw new Error(err.trim())
  return out
}

async function done(argv: readonly string[]): Promise<void> {
  await output(argv)
}

async function status(): Promise<readonly Status[]> {
  // Exit code 3: a service is not up
  return JSON.parse(await output(['status', '--json'], 3)).services
}
