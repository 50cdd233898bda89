/** Compiled by `tsc --build`, never run: what compiles here and what does not is the test. */
import { hgweb, type SshRunOptions, type SshRunResult, ssh } from '@vitest-cluster/fixtures'
import { expectTypeOf } from 'vitest'
import type * as core from 'vitest-cluster'
import {
  type Exec,
  type KillOptions,
  openSession,
  type Session,
  type StopOptions,
} from 'vitest-cluster'

export async function sessions(): Promise<void> {
  await using session = await openSession({
    services: { ssh: ssh(), web: hgweb({ repositories: ['demo'] }) },
  })
  expectTypeOf(session).toExtend<AsyncDisposable>()
  expectTypeOf(session).toExtend<Session<{ ssh: ReturnType<typeof ssh> }>>()
  expectTypeOf<keyof Session>().toEqualTypeOf<
    'id' | 'handle' | 'host' | 'warnings' | 'close' | 'detach' | typeof Symbol.asyncDispose
  >()

  const login = await session.handle('ssh')
  expectTypeOf(login.run).toEqualTypeOf<
    (command: string, options?: SshRunOptions) => Promise<SshRunResult>
  >()
  expectTypeOf(login.exec).toEqualTypeOf<Exec>()
  // @ts-expect-error exec runs a program in the tree: run() logs in
  void login.exec('true')

  const web = await session.handle('web')
  expectTypeOf(web.urlFor).toEqualTypeOf<(name: string) => string>()
  expectTypeOf(web.stop).toEqualTypeOf<(options?: StopOptions) => Promise<void>>()
  expectTypeOf(web.start).toEqualTypeOf<() => Promise<void>>()
  expectTypeOf(web.kill).toEqualTypeOf<
    (signal?: NodeJS.Signals, options?: KillOptions) => Promise<void>
  >()
  void web.kill('SIGTERM', { whom: 'all' })
  // @ts-expect-error an unknown signal
  void web.kill('SIGFOO')
  // @ts-expect-error a signal is given by name
  void web.kill(9)
  // @ts-expect-error an unknown value of whom
  void web.kill('SIGTERM', { whom: 'children' })
}

/** Every value that the entry exports. The table in packages/vitest-cluster/README.md says what each is for. */
expectTypeOf<keyof typeof core>().toEqualTypeOf<
  | 'ClusterError'
  | 'defineCluster'
  | 'defineService'
  | 'doctor'
  | 'explainError'
  | 'isClusterError'
  | 'openSession'
>()
