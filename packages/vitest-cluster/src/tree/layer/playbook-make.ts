import { cp, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { makePath, writeWithMode } from '../../disk/modes.ts'
import { ClusterError } from '../../errors.ts'
import { libexec } from '../../libexec.ts'
import { type GroupSource, groupSource } from '../../machine/group-source.ts'
import { missingProgram } from '../build/failure.ts'
import type { Build } from '../build/step.ts'
import { copyInput } from './copy-input.ts'
import {
  nothingDone,
  type PlaybookEvent,
  parseEvent,
  playbookFailure,
  titleOf,
} from './playbook-failure.ts'
import { findAnsible, findProject, type Project } from './playbook-project.ts'

/** The directories of the build for the copy of the project, and for our own files. */
const PROJECT = 'project'
const OURS = 'ansible'

/** The environment of programs in the tree. */
const ENVIRONMENT = {
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/sh',
  LANG: 'C.UTF-8',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  DEBIAN_FRONTEND: 'noninteractive',
}
/** Services are enabled, not run (systemctl(1)): see libexec/ansible/offline.sh. */
const OFFLINE_ENVIRONMENT = {
  ...ENVIRONMENT,
  PATH: `/run/vitest-cluster/bin:${ENVIRONMENT.PATH}`,
  SYSTEMD_OFFLINE: '1',
}

/** Runs a playbook while a tree is built. @throws ClusterError `TREE_FAILED`, `MISSING_PROGRAM` and others */
export async function makePlaybook(layer: PlaybookLayer, build: Build): Promise<void> {
  const program = await findAnsible()
  if (!program)
    throw missingProgram(
      'ansible-playbook is not installed on this machine',
      'sudo apt-get install ansible-core   # Fedora: sudo dnf install ansible-core, Arch: sudo pacman -S ansible-core',
    )
  const { network, booted } = layer
  const cgroup = booted ? await groupToBoot(build) : undefined
  const project = await findProject(layer, build)
  build.say('starting Ansible')
  await writeProject(layer, project, build)
  const ours = join(build.directory, OURS)
  const playbook = join(build.directory, PROJECT, relative(project.top, project.playbook))
  const script = `ansible/${booted ? 'booted/' : ''}run.sh`
  const argv = ['sh', script, program, '--extra-vars', `@${join(ours, 'extra.json')}`, playbook]
  const events: PlaybookEvent[] = []
  const lines: string[] = []
  const journal: string[] = []
  const { exitCode } = await build.onHost(argv, {
    network,
    ...(cgroup ? { cgroup } : {}),
    env: {
      ANSIBLE_CONFIG: join(ours, 'ansible.cfg'),
      HOME: join(ours, 'home'),
      TMPDIR: join(ours, 'tmp'),
      // The build's directory, with our plugins, is removed afterwards
      PYTHONDONTWRITEBYTECODE: '1',
    },
    onLine(line) {
      const text = mapped(line, project, build)
      const event = parseEvent(text)
      if (!event) (events.at(-1)?.event === 'journal' ? journal : lines).push(text)
      else {
        events.push(event)
        for (const message of messagesOf(event)) build.say(message)
      }
    },
  })
  if (exitCode !== 0)
    throw playbookFailure(layer, { exitCode, events, lines, journal, uids: build.uids })
  const recap = events.findLast(({ event }) => event === 'recap')?.hosts ?? {}
  if (!Object.hasOwn(recap, 'tree')) throw nothingDone(layer, events)
  const idle = events.filter(({ event }) => event === 'idle').map(titleOf)
  // In a booted tree services did run
  if (idle.length > 0 && !booted)
    build.note(
      `services are started by the session, not while a tree is built: ${[...new Set(idle)].join(', ')}`,
    )
}

/**
 * Writes the project and the inventory into a build's directory: only the inputs, so that a file that is not an input is
 * missing now, rather than ignored later when it changes.
 */
async function writeProject(
  layer: PlaybookLayer,
  { top, inputs }: Project,
  build: Build,
): Promise<void> {
  for (const path of inputs) {
    // A role may be a symbolic link
    await copyInput(await realpath(path), join(build.directory, PROJECT, relative(top, path)))
  }
  const ours = join(build.directory, OURS)
  await cp(libexec('ansible'), ours, { recursive: true })
  await cp(libexec('manager/masked'), join(ours, 'booted/host-units'))
  for (const name of ['home', 'tmp']) await makePath(join(ours, name), 0o755)
  await writeWithMode(join(ours, 'extra.json'), JSON.stringify(layer.extraVars), 0o644)
  await writeWithMode(join(ours, 'inventory.json'), JSON.stringify(inventory(layer, build)), 0o644)
  await build.adopt(PROJECT)
  await build.adopt(OURS)
}

/** An inventory with the only host in its groups (ansible.builtin.yaml reads JSON, too). */
function inventory(
  { hostVars, groups, booted }: PlaybookLayer,
  { directory, root }: Build,
): object {
  const tree = {
    ...hostVars,
    ansible_connection: 'vitest_cluster',
    ansible_user: 'root',
    ansible_async_dir: '/tmp/.ansible/async',
    vitest_cluster_root: join(directory, root),
    // The file with the pid of the tree's systemd
    ...(booted ? { vitest_cluster_booted: join(directory, 'pid') } : {}),
    vitest_cluster_environment: booted ? ENVIRONMENT : OFFLINE_ENVIRONMENT,
  }
  const children = Object.fromEntries(groups.map((name) => [name, { hosts: { tree: null } }]))
  return { all: { hosts: { tree }, children } }
}

/**
 * The control group that a tree is booted in while its playbook runs.
 * @throws ClusterError `ISOLATION_UNAVAILABLE` where this machine cannot boot a tree
 */
export async function groupToBoot({ uids }: Pick<Build, 'uids'>): Promise<GroupSource> {
  const source = await groupSource(process.env, process.getuid?.() ?? 0)
  if (source && uids === 'many') return source
  // To find out what exactly is missing takes longer, so this is done only now
  const { noIsolation, noGroup } = await import('../../doctor/explain.ts')
  const lack = source ? await noIsolation('boot') : undefined
  const { found, fix } = lack ?? (await noGroup(process.env))
  throw new ClusterError({
    code: 'ISOLATION_UNAVAILABLE',
    message: `booted: true needs a machine that can boot a tree, and this one cannot: ${found}`,
    fix,
  })
}

/** Replaces paths of the copy by those of the original files, which the user can change. */
function mapped(line: string, { top }: Project, { directory, baseDirectory }: Build): string {
  const copy = join(directory, PROJECT)
  const original = relative(baseDirectory, top)
  return line
    .replaceAll(`${copy}/`, original ? `${original}/` : '')
    .replaceAll(copy, original || '.')
}

/** The messages for the user about an event. */
function messagesOf(event: PlaybookEvent): readonly string[] {
  switch (event.event) {
    case 'booting':
      return ['booting the tree']
    case 'task':
      return [titleOf(event)]
    case 'ignored':
      return [`${titleOf(event)}: failed, but the playbook ignores this error`]
    case 'ok':
    case 'skipped':
      return (event.warnings ?? []).map((warning) => `${titleOf(event)}: ${warning}`)
    default:
      return []
  }
}
