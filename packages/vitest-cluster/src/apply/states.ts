import { chmod } from 'node:fs/promises'
import type { Services } from '../definition/cluster.ts'
import type { State } from '../definition/service-context.ts'
import { HeldDirectory } from '../disk/held-directory.ts'
import { namesIn } from '../disk/names.ts'
import { removeAll } from '../disk/remove.ts'
import { execInTree } from '../exec/exec.ts'
import { hostDirectory, readFileOf, serviceContext } from '../plan/context.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { settled } from '../settled.ts'
import type { Manager } from '../systemd/manager.ts'
import { writeFiles } from './files.ts'
import { give } from './roots.ts'
import { checkOwners } from './state-owners.ts'
import { copyTemplate, keepTemplate, stateReader } from './state-template.ts'

/**
 * Copies the templates of states into the services' directories. Needs no manager.
 * @returns the services whose state has no template yet
 */
export async function copyStates(plan: SessionPlan, names: readonly string[]): Promise<string[]> {
  const missing = await settled(
    names.map(async (name) => {
      const { state } = serviceOf(plan, name)
      if (state === undefined) return []
      return (await copyTemplate(state, hostDirectory(plan, name))) ? [] : [name]
    }),
  )
  return missing.flat()
}

/**
 * The same for services that are down and had another state: removes that state first.
 * @returns as {@link copyStates}
 */
export async function replaceStates(
  plan: SessionPlan,
  names: readonly string[],
): Promise<string[]> {
  const missing = await settled(
    names.map(async (name) => {
      const { state } = serviceOf(plan, name)
      const held = await HeldDirectory.openBelow(plan.paths.directory, hostDirectory(plan, name))
      // By the open directory: services that are up can write in its parent
      const directory = `/proc/self/fd/${held.descriptor}/.`
      try {
        await settled(namesIn(directory).map((each) => removeAll(`${directory}/${each}`)))
        const copied = state !== undefined && (await copyTemplate(state, directory))
        await chmod(directory, 0o755)
        await give(plan.owner, ['.'], directory)
        return copied ? [] : [name]
      } finally {
        await held.close()
      }
    }),
  )
  return missing.flat()
}

/** Makes states by programs of the tree, and keeps each as a template for the next session. */
export async function makeStates(
  plan: SessionPlan,
  names: readonly string[],
  { services, manager }: { readonly services: Services; readonly manager: Manager },
): Promise<void> {
  await settled(
    names.map(async (name) => {
      const state = services[name]?.state
      if (state) await makeState(plan, name, { state, manager })
    }),
  )
}

async function makeState(
  plan: SessionPlan,
  name: string,
  { state, manager }: { readonly state: State; readonly manager: Manager },
): Promise<void> {
  const session = plan.paths.directory
  const place = hostDirectory(plan, name)
  const reader = stateReader(plan.uids, plan.owner)
  const { directory, baseDirectory, has } = serviceContext(plan, name)
  await state.make({
    ...{ name, directory, baseDirectory, has },
    read: (path) => readFileOf(plan, name, path),
    // Runs as root. The session gives the files to the service's account afterwards
    exec: (argv, options) =>
      execInTree(
        manager,
        plan,
        { name, user: 'root', group: undefined, env: {}, deny: [] },
        argv,
        options,
      ),
    write: (files) => writeFiles(place, files, { session, service: name, owner: plan.owner }),
  })
  const made = await HeldDirectory.openBelow(session, place)
  try {
    await checkOwners(made, plan, name, reader)
    const { state: template } = serviceOf(plan, name)
    // A cache that cannot be written (no home, a full disk) is not an error: the next session makes the state again
    if (template !== undefined) await keepTemplate(made, template, reader).catch(() => {})
  } finally {
    await made.close()
  }
}
