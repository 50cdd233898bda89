import { join, relative } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import type { Build } from '../build/step.ts'
import { bootFailure, groupToBoot } from './playbook-boot.ts'
import { type PlaybookEvent, parseEvent, titleOf } from './playbook-events.ts'
import { missingAnsible, nothingDone, playbookFailure } from './playbook-failure.ts'
import { lacksModule } from './playbook-mends.ts'
import { coreVersion, findAnsible } from './playbook-program.ts'
import { findProject, type Project } from './playbook-project.ts'
import { PROJECT, writeProject } from './playbook-write.ts'

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

/** Runs a playbook on a tree that is made. @throws ClusterError `TREE_FAILED`, `MISSING_PROGRAM` and others */
export async function makePlaybook(layer: PlaybookLayer, build: Build): Promise<void> {
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
  const env = {
    ANSIBLE_CONFIG: join(ours, 'ansible.cfg'),
    HOME: join(ours, 'home'),
    TMPDIR: join(ours, 'tmp'),
    // For the plugins of a build that is gone in a moment
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const result = await build.onHost(['sh', script, program, ...argv], {
    network,
    ...(cgroup ? { cgroup } : {}),
    env,
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
  if (result.exitCode !== 0) {
    // Asked only where it matters: Ansible takes half a second to say it
    const asked = lacksModule(`${lines.join('\n')}${JSON.stringify(events)}`)
    const version = asked ? await build.onHost([program, '--version'], { env }) : undefined
    const core = version && coreVersion(version.lines.join('\n'))
    const facts = { network, booted, uids: build.uids, core }
    throw (
      bootFailure(events, journal) ?? playbookFailure({ result, events, lines, journal, ...facts })
    )
  }
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
  const original = relative(baseDirectory, top)
  return line
    .replaceAll(`${copy}/`, original ? `${original}/` : '')
    .replaceAll(copy, original || '.')
}

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
      return event.warnings.map((warning) => `${titleOf(event)}: ${warning}`)
    default:
      return []
  }
}

function didAnything(events: readonly PlaybookEvent[]): boolean {
  return events.some((event) => event.event === 'recap' && Object.hasOwn(event.hosts, 'tree'))
}
