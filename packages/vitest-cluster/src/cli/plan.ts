import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { namedPorts } from '../definition/named-ports.ts'
import { suggestService } from '../definition/nearest.ts'
import { serviceSite, withSite } from '../definition/site.ts'
import { ClusterError, errnoOf, messageOf, type Site } from '../errors.ts'
import { planCluster } from '../open/plan-cluster.ts'
import { own } from '../own.ts'
import { serviceDirectory } from '../plan/context.ts'
import {
  type PlannedFile,
  type ServicePlan,
  serviceOf,
  type UnitPlan,
} from '../plan/session-plan.ts'
import { firstUnits, planFiles } from '../plan/unit-files.ts'
import { unitText } from '../systemd/settings.ts'
import { type Run, text } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { print, printJson, styled } from './output.ts'
import { withPortOptions } from './ports.ts'

export const run: Run = async ({ words, options }) => {
  const path = configPath(text(options, 'config'))
  const output = text(options, 'output')
  // An unusable --output fails before any other work
  if (output !== undefined) await makeEmpty(output)
  const { definition, plan } = await loadDefinition(path)
    .then(async (loaded) => {
      const definition = withPortOptions(loaded, options)
      return { definition, plan: await planCluster(definition, dirname(path)) }
    })
    .catch((error: unknown) => {
      throw withSite(error, path)
    })
  const all = Object.keys(plan.services)
  const unknown = words.find((name) => !all.includes(name))
  if (unknown !== undefined) {
    const message = `the cluster has no service '${unknown}'`
    const fix = suggestService(unknown, all)
    throw new ClusterError({ code: 'NO_SUCH_SERVICE', message, fix })
  }
  // In the order in which they start
  const names = words.length > 0 ? all.filter((name) => words.includes(name)) : all
  const chosen = names.map((name) => serviceOf(plan, name))
  if (output !== undefined) await writeAll(output, planFiles(plan, names))
  if (options['json']) printJson(chosen)
  else if (output === undefined) {
    for (const unit of firstUnits(plan)) printUnit(unit)
    const named = namedPorts(definition)
    for (const service of chosen) {
      const site = serviceSite(service.name, own(definition.services, service.name), path)
      for (const helper of service.helpers ?? []) printUnit(helper)
      printUnit(service.unit, about(service, named, site))
    }
  }
  return 0
}

/** Prints a unit file, with what else is known about its service as comments above it. */
function printUnit({ name, settings }: UnitPlan, comments: readonly string[] = []): void {
  print(styled('bold', `# ${name}`), ...comments.map((line) => styled('dim', `# ${line}`)))
  print(unitText(settings))
}

function about(
  { name, kind, dependsOn, ports, files }: ServicePlan,
  named: Readonly<Record<string, number>>,
  site?: Site,
): string[] {
  const at = site ? `  ${relative(process.cwd(), site.file)}:${site.line}:${site.column}` : ''
  return [
    `${name} (${kind})${at}`,
    `  after  ${dependsOn.join(', ') || '-'}`,
    ...Object.entries(ports).map(
      ([port, number]) =>
        `  port   ${port} = ${number}${own(named, `${name}.${port}`) ? '' : ' (another number in each session)'}`,
    ),
    ...Object.entries(files).map(([file, { content, mode }]) => {
      const bytes = Buffer.byteLength(content)
      return `  file   ${serviceDirectory(name)}/${file} (${mode.toString(8).padStart(4, '0')}, ${bytes} bytes)`
    }),
  ]
}

/** Creates the directory. An existing one must be empty, so that a plan is not mixed with other files. */
async function makeEmpty(directory: string): Promise<void> {
  const fix = 'Name a directory that does not exist yet, or an empty one.'
  let names: readonly string[]
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    names = await readdir(directory)
  } catch (cause) {
    const what = ['EEXIST', 'ENOTDIR'].includes(errnoOf(cause) ?? '')
      ? 'is not a directory'
      : `cannot be created: ${messageOf(cause)}`
    throw new ClusterError({ code: 'USAGE', message: `--output: ${directory} ${what}`, fix })
  }
  if (names.length === 0) return
  const message = `--output: ${directory} is not empty: it contains ${names[0]}`
  throw new ClusterError({ code: 'USAGE', message, fix })
}

async function writeAll(
  directory: string,
  files: Readonly<Record<string, PlannedFile>>,
): Promise<void> {
  for (const [path, { content, mode }] of Object.entries(files)) {
    await mkdir(join(directory, dirname(path)), { recursive: true, mode: 0o700 })
    await writeFile(join(directory, path), content, { mode, flag: 'wx' })
  }
}
