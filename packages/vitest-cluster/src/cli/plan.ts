import { dirname, relative } from 'node:path'
import { definitionSite, withSite } from '../definition/site.ts'
import { ClusterError } from '../errors.ts'
import { type PlannedService, planSession } from '../open/dry-run.ts'
import { type Run, text } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { print, printJson, styled } from './output.ts'

export const run: Run = async ({ words, options }) => {
  const path = configPath(text(options, 'config'))
  const planned = await loadDefinition(path)
    .then((definition) => planSession(definition, dirname(path)))
    .catch((error: unknown) => {
      throw withSite(error, path)
    })
  const names = planned.map(({ service }) => service)
  const unknown = words.find((name) => !names.includes(name))
  if (unknown) {
    const message = `the cluster has no service '${unknown}'`
    throw new ClusterError({
      code: 'NO_SUCH_SERVICE',
      message,
      mend: `It has ${names.join(', ')}.`,
    })
  }
  const chosen = words.length ? planned.filter(({ service }) => words.includes(service)) : planned
  if (options['json']) printJson(chosen)
  else for (const service of chosen) printService(service, path)
  return 0
}

function printService(planned: PlannedService, path: string): void {
  const { service, kind, unit, after, ports, files, properties } = planned
  const site = definitionSite(path, service)
  const at = site ? `  ${relative(process.cwd(), site.file)}:${site.line}:${site.column}` : ''
  print(`${styled('bold', service)} (${kind})${at}`)
  print(`  unit   ${unit}`)
  print(`  after  ${after.join(', ') || '-'}`)
  for (const [name, number] of Object.entries(ports))
    print(`  port   ${name} = ${number}, another one each time`)
  for (const { path, bytes, mode } of files) print(`  file   ${path} (${mode}, ${bytes} bytes)`)
  for (const [name, value] of properties) print(`  ${styled('dim', name)}=${value}`)
  print('')
}
