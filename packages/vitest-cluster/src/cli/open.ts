import { dirname, join } from 'node:path'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { withSite } from '../definition/site.ts'
import { asked } from '../lifetime/stay.ts'
import { openInternal } from '../open/open-session.ts'
import type { OpenedSession } from '../open/session.ts'
import { renderOpening } from '../report/chain.ts'
import { treeProgress } from '../report/tree-progress.ts'
import { type Purpose, warningText } from '../session/record.ts'
import { type Invocation, text } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { styled, tell } from './output.ts'
import { withPortOptions } from './ports.ts'

export interface Opened {
  readonly session: OpenedSession
  readonly definition: ClusterDefinition
  /** The directory in which logs are kept after a failure. */
  readonly logsDirectory: string
}

/** Opens a session of a definition, and prints a line when a service is ready. @throws as `openSession` */
export async function open(options: Invocation['options'], purpose: Purpose): Promise<Opened> {
  const path = configPath(text(options, 'config'))
  const logsDirectory = join(dirname(path), '.vitest', 'cluster')
  const definition = loadDefinition(path).then((loaded) => withPortOptions(loaded, options))
  const begun = performance.now()
  const opening = openInternal(definition, {
    baseDirectory: dirname(path),
    config: path,
    purpose,
    keepLogs: logsDirectory,
    onTree: treeProgress(process.stderr),
    onReady: (service) => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(2)
      tell(`${styled('green', '✓', process.stderr)} ${service} is ready after ${seconds} s`)
    },
  })
  const session = await opening.catch((error: unknown) => {
    throw withSite(error, path)
  })
  for (const warning of session.warnings) tell(`vitest-cluster: ${warningText(warning)}`)
  if (asked(process.env, 'VITEST_CLUSTER_TIMING'))
    for (const line of renderOpening(await session.opening())) tell(line)
  return { session, definition: await definition, logsDirectory }
}
