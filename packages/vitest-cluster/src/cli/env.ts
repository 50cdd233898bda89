import { sessionValues } from '../client/variables.ts'
import type { Run } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { print, printJson } from './output.ts'
import { target } from './target.ts'
import { exportLines } from './variables.ts'

export const run: Run = async (invocation) => {
  const { record } = await target(invocation)
  const definition = await loadDefinition(record.config ?? configPath())
  const { variables } = await sessionValues(record.plan, definition)
  if (invocation.options['json']) printJson(variables)
  else print(...exportLines(variables))
  return 0
}
