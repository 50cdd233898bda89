import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { BUSY } from './busy.ts'

/** A program of supervisord in the Docker cluster, with the words of its configuration. */
export interface Program {
  /** The kind of service. */
  readonly kind: string
  readonly command: readonly string[]
  /** The account of the host's tree that it runs as; `root` by default, as supervisord. */
  readonly user?: string
  /** `022` by default. */
  readonly umask?: string
  /** The file that gets its output beside the service's log. */
  readonly stdoutLogfile?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: Readonly<Record<string, number>>
  /** The services that it needs. */
  readonly after?: readonly string[]
  /** When it is ready; as soon as it runs by default. */
  readonly ready?: ServiceDefinition['ready']
  /** Whether it ends by itself when it is told to, which supervisord waits for. */
  readonly graceful?: boolean
  /** Shell commands that run before it. */
  readonly before?: string
}

/**
 * supervisord writes the output of a program to a file that several processes can share, and becomes the program's account
 * by the host's own passwd. `tee` lives as long as the program writes: the last lines come after a signal to both.
 */
const START = `set -eu
umask "$1"; user=$2 file=$3; shift 3
if [ -n "$file" ]; then exec > >(trap '' TERM; exec tee -a -- "$file") 2>&1; fi
cd /
[ "$user" = root ] || exec setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
exec "$@"`

/** As supervisord's autorestart, without the end that systemd has by default: supervisord tries 1000 times. */
const autorestart = { Restart: 'always', RestartSec: 1, StartLimitIntervalSec: 0 } as const

/** A program of supervisord as a service. */
export function supervised(program: Program): ServiceDefinition {
  const { kind, command, user = 'root', umask = '022', stdoutLogfile = '', before = '' } = program
  const { environment, ports, after = ['entrypoint'], ready = 'started', graceful } = program
  return defineService({
    kind,
    ...(ports && { ports }),
    dependsOn: after,
    // Becomes its account by itself: two trees may have different numbers for it
    user: 'root',
    command: () => [
      ...['/bin/bash', '-c', [before, START].join('\n'), 'supervised'],
      ...[umask, user, stdoutLogfile, ...command],
    ],
    // Those of Docker's images, which supervisord passes on whatever the account
    env: () => ({ HOME: '/root', LC_ALL: 'C.UTF-8', ...environment }),
    ready,
    readyTimeout: BUSY,
    ...(graceful && { stopSignal: 'SIGTERM', stopTimeout: 10_000, killAtEnd: true }),
    unit: autorestart,
  })
}
