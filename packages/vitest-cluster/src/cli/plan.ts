import { dirname } from 'node:path'
import { withSite } from '../definition/site.ts'
import { planCluster } from '../open/plan-cluster.ts'
import { serviceOf } from '../plan/session-plan.ts'
import { unitText } from '../systemd/settings.ts'
import { type Run, text } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { print, printJson } from './output.ts'

export const run: Run = async ({ words, options }) => {
  const path = configPath(text(options, 'config'))
  const plan = await loadDefinition(path)
    .then((definition) => planCluster(definition, dirname(path)))
    .catch((error: unknown) => {
      throw withSite(error, path)
    })
  const chosen = (words.length ? words : Object.keys(plan.services)).map((name) =>
    serviceOf(plan, name),
  )
  if (options['json']) printJson(chosen)
  else for (const { unit } of chosen) print(`# ${unit.name}`, unitText(unit.settings))
  return 0
}
