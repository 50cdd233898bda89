import type { Services } from '../definition/cluster.ts'
import type { State } from '../definition/service.ts'
import { HeldDirectory } from '../disk/held-directory.ts'
import { hostDirectory, serviceContext } from '../plan/context.ts'
import type { Manager } from '../systemd/manager.ts'
import { type ExecInfo, execInTree } from '../exec/exec.ts'
import { writeFiles } from './files.ts'
import { settled } from '../settled.ts'
import { copyTemplate, keepTemplate, stateReader, templatePath } from './state-template.ts'
import { checkOwners } from './state-owners.ts'

/** A state that nobody has made yet for these inputs. */
export interface MissingState {
  readonly name: string
  readonly state: State
  readonly template: string
  /** Whose it is, see the service's definition. */
  readonly user: string | undefined
  readonly group: string | undefined
}

/**
 * Gives each service a copy of its state's template. Needs no manager.
 * @param directoryOf the service's directory on the host
 * @returns the states that have no template yet
 */
export async function copyStates(
  services: Services,
  {
    baseDirectory,
    digestOf,
  }: {
    readonly baseDirectory: string
    /** The digest of a service's tree, unless that is the host's. */
    digestOf(name: string): string | undefined
  },
  directoryOf: (name: string) => string,
): Promise<MissingState[]> {
  const missing = await Promise.all(
    Object.entries(services).map(async ([name, { kind, state, user, group }]) => {
      if (!state) return undefined
      const inputs = await state.inputs({ name, baseDirectory })
      // What another tree's programs made is none of this one's
      const tree = digestOf(name)
      const template = templatePath(kind, tree ? { inputs, tree } : inputs)
      return (await copyTemplate(template, directoryOf(name)))
        ? undefined
        : { name, state, template, user, group }
    }),
  )
  return missing.filter((each) => each !== undefined)
}

/** Makes states by programs of the tree, and keeps each as a template for the next session. */
export async function makeStates(
  missing: readonly MissingState[],
  manager: Manager,
  info: ExecInfo,
): Promise<void> {
  const { facts } = info
  const { directory: session } = facts
  const { accounts } = info.surroundings
  const reader = stateReader(facts.uids, facts)
  await settled(
    missing.map(async ({ name, state, template, ...whose }) => {
      const { directory, baseDirectory, has, read } = serviceContext(info.facts, name)
      const place = hostDirectory(info.facts, name)
      await state.make({
        name,
        directory,
        baseDirectory,
        has,
        read,
        exec: (argv, options) => execInTree(manager, info, name, argv, options),
        write: (files) => writeFiles(place, files, { session, service: name, owner: info.facts }),
      })
      const made = await HeldDirectory.openBelow(session, place)
      try {
        await checkOwners(made, { ...whose, service: name, facts, accounts }, reader)
        // A cache that cannot be written (no home, a full disk) costs the next session its time, not this one its start
        await keepTemplate(made, template, reader).catch(() => {})
      } finally {
        await made.close()
      }
    }),
  )
}
