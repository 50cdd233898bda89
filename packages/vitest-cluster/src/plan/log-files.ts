import { join } from 'node:path'
import type { ServiceDefinition } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import { seenByManager } from '../isolation/confine.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { script } from './environment.ts'
import { logFilesUnit, ownershipUnit } from './names.ts'
import { type Entering, hasOwnTree, inOwnRoot } from './own-roots.ts'
import { logName } from './paths.ts'
import { sandbox } from './sandbox.ts'
import {
  rootName,
  rootOf,
  type ServicePlan,
  type SessionGround,
  type UnitPlan,
} from './session-plan.ts'

/** How long one copy of what is new in the files may take. */
const COPY_TIMEOUT = 10_000

/**
 * The unit that copies a service's log files to its log. It starts before the service and stays up when the service stops.
 * It runs in the tree, as the service's account: whatever the service puts in the place of a file, it reads nothing that
 * the service may not read. Pure.
 */
export function planLogFiles(
  service: string,
  files: readonly string[],
  { user, group }: Pick<ServiceDefinition, 'user' | 'group'>,
  ground: SessionGround,
): UnitPlan {
  const { id, uids } = ground
  const many = uids === 'many'
  const log = join(seenByManager(ground).logs, logName(service))
  const owner = many ? `${user ?? SESSION}:${group ?? ''}` : '-'
  const before = many ? [ownershipUnit(id)] : []
  const inRoot = (how: How, as: string | undefined, more: readonly string[] = []) =>
    inOwnRoot(command(service, how, files, more), runAs(service, as, group), ground)
  const settings: UnitSettings = {
    Description: `log files of ${service} of vitest-cluster session ${id}`,
    ...sandbox(ground, { service, user, group }),
    // As root of the tree, which may write to /var/log
    ExecStartPre: { prefix: '!', argv: inRoot('make', 'root', [owner]) },
    ExecStart: inRoot('follow', user),
    ExecReload: inRoot('copy', user),
    // The start is over when all files are followed
    Type: 'forking',
    StandardOutput: `append:${log}`,
    StandardError: `append:${log}`,
    TimeoutStartSec: COPY_TIMEOUT,
    KillSignal: 'SIGKILL',
    SuccessExitStatus: ['SIGKILL'],
    Requires: before,
    After: before,
  }
  return { name: logFilesUnit(id, service), settings }
}

/** Copies what a service has written to its log files before its end: for `ExecStopPost=` of the service. */
export function copyLast(
  service: string,
  files: readonly string[],
  { user, group }: Pick<ServiceDefinition, 'user' | 'group'>,
  ground: SessionGround,
): readonly string[] {
  return inOwnRoot(command(service, 'last', files), runAs(service, user, group), ground)
}

function runAs(service: string, user = SESSION, group?: string): Entering {
  return { service, user, ...(user !== 'root' && { group }), cwd: '/' }
}

type How = 'make' | 'follow' | 'copy' | 'last'

function command(
  service: string,
  how: How,
  files: readonly string[],
  more: readonly string[] = [],
): readonly string[] {
  const state = `/run/vitest-cluster-log-files/${service}`
  return script(service, [`${TREE_LIBEXEC}/log-files.sh`, how, state, ...more, ...files], {})
}

/** @throws ClusterError `INVALID_DEFINITION` if two services write the same file: a line of it would be in both logs */
export function checkLogFiles(
  services: readonly Pick<ServicePlan, 'name' | 'logFiles'>[],
  ground: SessionGround,
): void {
  const writers = new Map<string, string>()
  for (const { name, logFiles = [] } of services) {
    for (const path of logFiles) {
      const file = fileIn(ground, name, path)
      const other = writers.get(file)
      if (other !== undefined) {
        throw new ClusterError({
          code: 'INVALID_DEFINITION',
          service: name,
          message: `has the log file ${path}, which is a log file of ${other}, too`,
          fix: 'Give each service a log file of its own: only the own directories of hosts are not shared.',
        })
      }
      writers.set(file, name)
    }
  }
}

/** A file of a service's tree, which is another one in each root that has its own directory. */
function fileIn(ground: SessionGround, service: string, path: string): string {
  const name = rootName(ground.roots, service)
  const root = rootOf(ground, service)
  const own = Object.keys(root.host?.directories ?? {}).some((each) => path.startsWith(`${each}/`))
  return name !== undefined && (own || hasOwnTree(root, ground)) ? `${name} ${path}` : path
}
