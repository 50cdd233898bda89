import { doctor, thisSystem } from '../doctor/lazy.ts'
import { renderDoctor } from '../doctor/render.ts'
import { type Run, text } from './command.ts'
import { configPathIfAny, loadDefinition } from './definition.ts'
import { print, printJson } from './output.ts'

export const run: Run = async ({ options }) => {
  const path = configPathIfAny(text(options, 'config'))
  const definition = path === undefined ? undefined : await loadDefinition(path)
  const preconditions = await doctor(definition ? { definition } : {})
  if (options['json']) printJson(preconditions)
  else print(renderDoctor(preconditions, await thisSystem()).trimEnd())
  const blocks = preconditions.some(
    ({ status, neededFor }) => status === 'missing' && neededFor.includes('session'),
  )
  return blocks ? 3 : 0
}
