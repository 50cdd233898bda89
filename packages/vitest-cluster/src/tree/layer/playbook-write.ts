import { cp, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { makePath, writeWithMode } from '../../disk/modes.ts'
import { libexec } from '../../libexec.ts'
import type { Build } from '../build/step.ts'
import { copyInput } from './copy-input.ts'
import type { Project } from './playbook-project.ts'

/** Where everything of a run is in the build's directory. */
export const PROJECT = 'project'
const OURS = 'ansible'
/** Where a booted tree's systemd is told, relative to the build's directory. */
const BOOTED = 'pid'

/**
 * Writes the project and the inventory into a build's directory: exactly what was declared, so that a file
 * that is none of the inputs is missed now and not when it changes. Returns the arguments of ansible-playbook(1).
 */
export async function writeProject(
  layer: PlaybookLayer,
  { top, playbook, inputs }: Project,
  environment: Readonly<Record<string, string>>,
  build: Build,
): Promise<string[]> {
  const project = join(build.directory, PROJECT)
  for (const path of inputs) {
    // A role may be a link to where it is kept
    await copyInput(await realpath(path), join(project, relative(top, path)))
  }
  const copy = join(project, relative(top, playbook))
  const ours = join(build.directory, OURS)
  for (const name of ['connection', 'callback', 'home', 'tmp'])
    await makePath(join(ours, name), 0o755)
  for (const name of ['connection', 'callback'])
    await cp(libexec(`ansible/${name}.py`), join(ours, name, 'vitest_cluster.py'))
  for (const name of [
    'ansible.cfg',
    'run.sh',
    'offline.sh',
    'before.sh',
    'after.sh',
    'python.sh',
    'booted',
  ])
    await cp(libexec(`ansible/${name}`), join(ours, name), { recursive: true })
  await cp(libexec('manager/masked'), join(ours, 'booted/host-units'))
  await writeWithMode(join(ours, 'extra.json'), JSON.stringify(layer.extraVars), 0o644)
  const hosts = inventory(layer, environment, build)
  await writeWithMode(join(ours, 'inventory.json'), JSON.stringify(hosts), 0o644)
  await build.adopt(PROJECT)
  await build.adopt(OURS)
  return ['--extra-vars', `@${join(ours, 'extra.json')}`, copy]
}

/** The one host, in its groups (ansible.builtin.yaml reads JSON, too). Pure. */
export function inventory(
  { hostVars, groups, booted }: Pick<PlaybookLayer, 'hostVars' | 'groups' | 'booted'>,
  environment: Readonly<Record<string, string>>,
  { directory, root }: Pick<Build, 'directory' | 'root'>,
): object {
  const tree = {
    ...hostVars,
    ansible_connection: 'vitest_cluster',
    ansible_user: 'root',
    ansible_async_dir: '/tmp/.ansible/async',
    vitest_cluster_root: join(directory, root),
    ...(booted ? { vitest_cluster_booted: join(directory, BOOTED) } : {}),
    vitest_cluster_environment: environment,
  }
  const children = Object.fromEntries(groups.map((name) => [name, { hosts: { tree: null } }]))
  return { all: { hosts: { tree }, children } }
}
