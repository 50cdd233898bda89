import type { ClusterDefinition } from '../definition/cluster.ts'
import type { About } from '../session/record.ts'
import type { Run } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { print, printJson } from './output.ts'
import { target } from './target.ts'
import { exportLines, handleValues, variables } from './variables.ts'

export const run: Run = async (invocation) => {
  const { about } = await target(invocation)
  const definition = await loadDefinition(about.config ?? configPath())
  await printHandles(about, definition, invocation.options['json'] === true)
  return 0
}

async function printHandles({ info }: About, definition: ClusterDefinition, json: boolean) {
  const handles = await handleValues(info, definition)
  const { id } = info.facts
  if (json) printJson({ session: id, directory: info.directory, services: handles })
  else print(...exportLines(variables(id, handles)))
}
