/**
 * The globalSetup that the plugin adds, for a configuration without the plugin: `globalSetup: ['vitest-cluster/global-setup']`.
 * @module vitest-cluster/global-setup
 */
import '../node-version.ts'

import type { TestProject } from 'vitest/node'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { configError } from '../definition/config-error.ts'
import { definitionOf, findConfig } from '../definition/config-file.ts'
import { withPorts } from '../definition/define.ts'
import type { PortNumbers } from '../definition/named-ports.ts'
import { withSite } from '../definition/site.ts'
import { ClusterError, type ClusterErrorDetails, isClusterError, messageOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'
import { finish, keptPlace, printTiming, printWarnings, reportStartFailure } from './finish.ts'
import { removeVariables, setVariables } from './process-env.ts'
import { CONFIG, PORTS, SESSION } from './provided.ts'
import { RunEnds } from './run-ends.ts'
import { acquireSession } from './sessions.ts'
import { takeOverSignals } from './signals.ts'
import { forTerminal } from './terminal.ts'
import { wishesOf } from './wishes.ts'

/** Vitest's globalSetup: opens the project's cluster, or shares the session of another project with the same cluster. Returns the teardown. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const restoreSignals = takeOverSignals(project.vitest)
  let path = ''
  try {
    path = findConfig(
      project.config.root,
      project.vitest.config.root,
      project.getProvidedContext()[CONFIG],
    )
    const ports = project.getProvidedContext()[PORTS]
    const wishes = wishesOf(project)
    const ends = new RunEnds(project.vitest)
    const session = await acquireSession(
      { path, ports },
      () => loadDefinition(project, path, ports),
      {
        keepLogs: keptPlace(project.vitest),
        opened: async (opened) => {
          printWarnings(opened, project.vitest)
          if (wishes.timing) await printTiming(opened, project.vitest)
          return opened
        },
        failed: (error) => reportStartFailure(withSite(error, path), path, project.vitest),
        runEnded: (opened) => ends.runEnded(opened),
        finish: (opened) => finish(opened, project.vitest, { wishes, ends }),
      },
    )
    if (wishes.env) {
      const variables = await session.variables().catch(async (error) => {
        await session.release().catch(() => {})
        throw error
      })
      // Vitest derives the environment of the project's workers from this
      project.config.env = { ...project.config.env, ...variables }
      setVariables(project, variables)
    }
    project.provide(SESSION, { plan: session.plan, config: path })
    let ended: Promise<void> | undefined
    const end = () => {
      ended ??= session.release().finally(() => {
        removeVariables(project)
        restoreSignals()
      })
      return ended.catch((error) => {
        throw forTerminal(error)
      })
    }
    // If the teardown of a later globalSetup throws, Vitest does not call this one
    project.vitest.onClose(() => (ended ? undefined : end()))
    return end
  } catch (cause) {
    restoreSignals()
    const error = withSite(withShortage(cause), path)
    // In watch mode Vitest runs the tests again, but not a failed setup: the fixtures throw this error
    project.provide(SESSION, { error: detailsOf(error) })
    throw forTerminal(error)
  }
}

async function loadDefinition(
  project: TestProject,
  path: string,
  ports: PortNumbers | undefined,
): Promise<ClusterDefinition> {
  try {
    const definition = definitionOf(await project.import(path), path)
    return withPorts(definition, ports, { what: 'vitestCluster: ports', refuse })
  } catch (error) {
    throw configError(withShortage(error), path)
  }
}

function refuse(message: string, fix: string): never {
  throw new ClusterError({ code: 'INVALID_INPUT', message, fix })
}

function detailsOf(error: unknown): ClusterErrorDetails {
  if (isClusterError(error)) return error.details
  return { code: 'INVALID_DEFINITION', message: messageOf(error) }
}
