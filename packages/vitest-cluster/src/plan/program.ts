import { ISOLATIONS } from '../isolation/isolation.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { TREE_PATH } from './environment.ts'
import { denied, execStart, type Sandboxed, STOP_TIMEOUT, sandbox } from './sandbox.ts'
import type { SessionGround } from './session-plan.ts'

/** A path for an output. If both outputs have the same one, systemd opens it once, so that their order is kept. */
export type ProgramOutput = `file:${string}` | `append:${string}`

/**
 * A program that runs once in the tree, with its input and output in files or FIFOs. Its start job ends when the program
 * has them (`Type=exec`). Pure.
 */
export function planExec(
  argv: readonly string[],
  options: {
    service: string
    user?: string | undefined
    group?: string | undefined
    env?: Readonly<Record<string, string>> | undefined
    cwd?: string | undefined
    /** Milliseconds; undefined: no limit. */
    timeout?: number | undefined
    stdin?: string | undefined
    stdout: ProgramOutput
    stderr: ProgramOutput
    deny?: readonly string[] | undefined
    syslog?: boolean | undefined
  },
  ground: SessionGround,
): UnitSettings {
  const { service, stdin, stdout, stderr, timeout, deny } = options
  return {
    Description: `${argv[0]} in ${service} of vitest-cluster session ${ground.id}`,
    ...sandbox(ground, options),
    // systemd looks for a bare name in directories of its own, which may lack /bin. That of the tree has the tree's
    ...(ISOLATIONS[ground.isolation].inside ? {} : { ExecSearchPath: TREE_PATH }),
    ExecStart: execStart(argv, options, ground),
    Type: 'exec',
    StandardInput: stdin === undefined ? undefined : `file:${stdin}`,
    StandardOutput: stdout,
    StandardError: stderr,
    TimeoutStartSec: timeout,
    TimeoutStopSec: STOP_TIMEOUT,
    RuntimeMaxSec: timeout,
    ...denied(deny),
  }
}

/** A program that does nothing in a service's tree, for a shell that enters it. Pure. */
export function planIdle(
  service: string,
  { deny, ...account }: Omit<Sandboxed, 'service' | 'env'> & { readonly deny: readonly string[] },
  ground: SessionGround,
): UnitSettings {
  const boxed = { service, ...account }
  return {
    Description: `shell in ${service} of vitest-cluster session ${ground.id}`,
    ...sandbox(ground, boxed),
    // Not by its path: it is in /usr/bin or in /bin
    ExecStart: execStart(['/bin/sh', '-c', 'exec sleep infinity'], boxed, ground),
    Type: 'exec',
    KillSignal: 'SIGKILL',
    ...denied(deny),
  }
}
