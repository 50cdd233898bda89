import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { sha256 } from '../build/hashes.ts'
import type { Build, Inputs, Step, StepContext } from '../build/step.ts'
import { unreadable } from './file-inputs.ts'
import { bootFailure, groupToBoot } from './playbook-boot.ts'
import { type PlaybookEvent, parseEvent, titleOf } from './playbook-events.ts'
import { missingAnsible, nothingDone, playbookFailure } from './playbook-failure.ts'
import { findAnsible, identityOf } from './playbook-program.ts'
import { findProject, PROJECT, type Project, writeProject } from './playbook-project.ts'

/** What ansible-playbook(1) makes of a tree: it runs on the host, its tasks in the tree. */
export function playbookStep(layer: PlaybookLayer): Step {
  const title = `playbook ${layer.playbook}`
  return {
    kind: 'playbook',
    title,
    inputs: (context) => inputs(layer, context),
    make: (build) => make(layer, build),
  }
}

async function inputs(layer: PlaybookLayer, context: StepContext): Promise<Inputs> {
  const { inputs: paths } = await findProject(layer, context)
  const variables = (prefix: string, from: Readonly<Record<string, unknown>>) =>
    // Digests: some are secrets, and inputs are written down
    Object.entries(from).map(([name, value]) => [
      `${prefix} ${name}`,
      sha256(JSON.stringify(value)),
    ])
  return {
    playbook: layer.playbook,
    ansible: await identityOf(await findAnsible()),
    groups: layer.groups.join(' '),
    network: `${layer.network}`,
    booted: `${layer.booted}`,
    ...Object.fromEntries(variables('host variable', layer.hostVars)),
    ...Object.fromEntries(variables('variable', layer.extraVars)),
    ...(await digests(paths, context)),
  }
}

async function digests(paths: readonly string[], context: StepContext): Promise<Inputs> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const name = relative(context.baseDirectory, path)
      try {
        // A role may be a link to where it is kept
        const files = await context.hashes.tree(await realpath(path))
        return [...files].map(([below, what]) => [`file ${join(name, below)}`, what] as const)
      } catch (cause) {
        throw unreadable(name, context, cause)
      }
    }),
  )
  return Object.fromEntries(found.flat())
}

/** What programs of the tree have in their environment. */
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

async function make(layer: PlaybookLayer, build: Build): Promise<void> {
  const program = await findAnsible()
  if (!program) throw missingAnsible()
  const { network, booted } = layer
  const cgroup = booted ? await groupToBoot(build) : undefined
  const project = await findProject(layer, build)
  build.say('starting Ansible')
  const environment = booted ? ENVIRONMENT : OFFLINE_ENVIRONMENT
  const argv = await writeProject(layer, project, environment, build)
  const events: PlaybookEvent[] = []
  const lines: string[] = []
  const journal: string[] = []
  const ours = join(build.directory, 'ansible')
  const script = booted ? 'ansible/booted/run.sh' : 'ansible/run.sh'
  const result = await build.onHost(['sh', script, program, ...argv], {
    network,
    ...(cgroup ? { cgroup } : {}),
    env: {
      ANSIBLE_CONFIG: join(ours, 'ansible.cfg'),
      HOME: join(ours, 'home'),
      TMPDIR: join(ours, 'tmp'),
      // For the plugins of a build that is gone in a moment
      PYTHONDONTWRITEBYTECODE: '1',
    },
    onLine(line) {
      const text = mapped(line, project, build)
      const event = parseEvent(text)
      if (!event) (events.at(-1)?.event === 'journal' ? journal : lines).push(text)
      else {
        events.push(event)
        for (const message of told(event)) build.say(message)
      }
    },
  })
  if (result.exitCode !== 0)
    throw (
      bootFailure(events, journal) ?? playbookFailure({ result, events, lines, journal, network })
    )
  if (!didAnything(events)) throw nothingDone(layer, events)
  const idle = events.flatMap((event) => (event.event === 'idle' ? [titleOf(event)] : []))
  // In a tree that is booted they were run
  if (idle.length > 0 && !booted)
    build.note(
      `services are not run while a tree is made, the session starts them: ${[...new Set(idle)].join(', ')}`,
    )
}

/** Paths of the copy are told as those of the files that somebody can mend. */
function mapped(line: string, { top }: Project, { directory, baseDirectory }: Build): string {
  const copy = join(directory, PROJECT)
  return line.replaceAll(
    `${copy}/`,
    relative(baseDirectory, top) ? `${relative(baseDirectory, top)}/` : '',
  )
}

/** What is said of services at the end says it better. */
const OFFLINE = /^Target is a chroot or systemd is offline/

/** What people are told of it. */
function told(event: PlaybookEvent): readonly string[] {
  switch (event.event) {
    case 'booting':
      return ['booting the tree']
    case 'task':
      return [titleOf(event)]
    case 'ignored':
      return [`${titleOf(event)}: failed, which the playbook ignores`]
    case 'ok':
    case 'skipped':
      return event.warnings
        .filter((warning) => !OFFLINE.test(warning))
        .map((warning) => `${titleOf(event)}: ${warning}`)
    default:
      return []
  }
}

function didAnything(events: readonly PlaybookEvent[]): boolean {
  return events.some((event) => event.event === 'recap' && Object.hasOwn(event.hosts, 'tree'))
}
