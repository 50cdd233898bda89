import { exec, int32, milliseconds, type Property, string } from '../systemd/properties.ts'
import { environmentOf, withVariables } from './environment.ts'
import { denied, resolve, type Sandboxed, SIGNALS, STOP_TIMEOUT, sandbox } from './sandbox.ts'
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
): Property[] {
  return [
    string(
      'Description',
      `${argv[0]} in ${options.service} of vitest-cluster session ${ground.id}`,
    ),
    ...sandbox(ground, options),
    exec(
      'ExecStart',
      withVariables(
        resolve(argv, options.service, ground),
        environmentOf(options.service, options.env),
      ),
    ),
    string('Type', 'oneshot'),
    ...(options.stdin === undefined ? [] : [string('StandardInputFile', options.stdin)]),
    string('StandardOutputFile', options.stdout),
    string('StandardErrorFile', options.stderr),
    milliseconds('TimeoutStartUSec', options.timeout),
    milliseconds('TimeoutStopUSec', STOP_TIMEOUT),
    ...denied(options.deny),
  ]
}

/** A program that does nothing in a service's tree, for a shell that enters it. Pure. */
export function planIdle(
  service: string,
  { deny, user, group }: Pick<Sandboxed, 'user' | 'group'> & { deny: readonly string[] },
  ground: SessionGround,
): Property[] {
  return [
    string('Description', `shell in ${service} of vitest-cluster session ${ground.id}`),
    ...sandbox(ground, { service, user, group }),
    exec('ExecStart', ['/usr/bin/sleep', 'infinity']),
    string('Type', 'exec'),
    int32('KillSignal', SIGNALS.SIGKILL),
    ...denied(deny),
  ]
}
