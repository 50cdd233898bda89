import type { UnitSettings } from '../systemd/settings.ts'
import { denied, execStart, type Sandboxed, STOP_TIMEOUT, sandbox } from './sandbox.ts'
import type { SessionGround } from './session-plan.ts'

/** A program that runs once in the tree, with its input and output in files. Pure. */
export function planExec(
  argv: readonly string[],
  options: {
    service: string
    user?: string | undefined
    group?: string | undefined
    env?: Readonly<Record<string, string>> | undefined
    cwd?: string | undefined
    timeout: number
    stdin?: string | undefined
    stdout: string
    stderr: string
    deny?: readonly string[] | undefined
  },
  ground: SessionGround,
): UnitSettings {
  const { service, stdin, stdout, stderr, timeout, deny } = options
  return {
    Description: `${argv[0]} in ${service} of vitest-cluster session ${ground.id}`,
    ...sandbox(ground, options),
    ExecStart: execStart(argv, options, ground),
    Type: 'oneshot',
    StandardInput: stdin === undefined ? undefined : `file:${stdin}`,
    StandardOutput: `file:${stdout}`,
    StandardError: `file:${stderr}`,
    TimeoutStartSec: timeout,
    TimeoutStopSec: STOP_TIMEOUT,
    ...denied(deny),
  }
}

/** A program that does nothing in a service's tree, for a shell that enters it. Pure. */
export function planIdle(
  service: string,
  { deny, user, group }: Pick<Sandboxed, 'user' | 'group'> & { readonly deny: readonly string[] },
  ground: SessionGround,
): UnitSettings {
  return {
    Description: `shell in ${service} of vitest-cluster session ${ground.id}`,
    ...sandbox(ground, { service, user, group }),
    ExecStart: execStart(['/usr/bin/sleep', 'infinity'], { service, user, group }, ground),
    Type: 'exec',
    KillSignal: 'SIGKILL',
    ...denied(deny),
  }
}
