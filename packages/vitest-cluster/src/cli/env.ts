import type { ClusterDefinition } from '../definition/cluster.ts'
import type { SessionRecord } from '../session/record.ts'
import type { Run } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { print, printJson } from './output.ts'
import { target } from './target.ts'
import { exportLines, handleValues, variables } from './variables.ts'

export const run: Run = async (invocation) => {
  const { record } = await target(invocation)
  const definition = await loadDefinition(record.config ?? configPath())
  await printHandles(record, definition, invocation.options['json'] === true)
  return 0
}

async function printHandles({ plan }: SessionRecord, definition: ClusterDefinition, json: boolean) {
  const handles = await handleValues(plan, definition)
  const { id } = plan
  if (json) printJson({ session: id, directory: plan.paths.directory, services: handles })
  else print(...exportLines(variables(id, handles)))
}
