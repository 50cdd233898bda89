import type { Services } from '../definition/cluster.ts'
import { type SessionFacts, serviceContext } from '../plan/context.ts'
import type { Manager } from '../systemd/manager.ts'
import { type ExecInfo, execInTree } from './exec.ts'
import { writeFiles } from './files.ts'
import { copyTemplate, keepTemplate, templatePath } from './state.ts'

interface Preparation {
  readonly services: Services
  readonly facts: SessionFacts
  readonly manager: Manager
  readonly info: Omit<ExecInfo, 'facts'>
  /** Gives the tree to the services' uid. */
  own(): Promise<void>
}

/** Gives every service the state that it starts from: a copy of the template, made first where there is none. */
export async function prepareStates({
  services,
  facts,
  manager,
  info,
  own,
}: Preparation): Promise<void> {
  const stateful = Object.entries(services).filter(([, service]) => service.state)
  if (stateful.length === 0) return
  const results = await Promise.allSettled(
    stateful.map(async ([name, { kind, state }]) => {
      if (!state) return
      const { directory, hostDirectory, baseDirectory } = serviceContext(facts, name)
      const template = templatePath(kind, await state.inputs({ name, baseDirectory }))
      if (await copyTemplate(template, hostDirectory)) return
      await state.make({
        name,
        directory,
        hostDirectory,
        baseDirectory,
        exec: (argv, options) => execInTree(manager, { ...info, facts }, name, argv, options),
        write: (files) => writeFiles(hostDirectory, files, facts),
      })
      await keepTemplate(hostDirectory, template)
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  await own()
}
