import { join } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { dependencyNames } from '../definition/dependencies.ts'
import type { Values } from '../definition/json.ts'
import { startOrder } from '../definition/order.ts'
import { refuseFor } from '../definition/refuse.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import type { Files } from '../definition/service-fields.ts'
import { settled } from '../settled.ts'
import { type Known, serviceContext } from './context.ts'
import { checkLogFiles, planLogFiles } from './log-files.ts'
import { planOwnRoots } from './own-roots.ts'
import { planOwnership } from './ownership.ts'
import { logName } from './paths.ts'
import { unrequired } from './restart-policy.ts'
import { STOP_TIMEOUT } from './sandbox.ts'
import {
  type PlannedFiles,
  placeOf,
  rootOf,
  type ServicePlan,
  type SessionGround,
  type SessionPlan,
} from './session-plan.ts'
import { templatePath } from './state.ts'
import { planSyslog } from './syslog-unit.ts'
import { type Evaluated, evaluated, planUnit, READY_TIMEOUT } from './unit.ts'

/** Ports and values, which are different in each session, by service. */
export interface Chosen {
  readonly ports: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly values: Readonly<Record<string, Values>>
}

/** Each service's values of this session, such as passwords and keys. */
export async function chooseValues(
  services: Services,
  ground: SessionGround,
): Promise<Record<string, Values>> {
  const entries = await settled(
    Object.entries(services).map(async ([name, service]) => {
      const clientDirectory = join(ground.paths.client, name)
      const { baseDirectory } = ground
      const context = { name, ...placeOf(ground, name), baseDirectory, clientDirectory }
      return [name, (await service.values?.(context)) ?? {}] as const
    }),
  )
  return Object.fromEntries(entries)
}

/**
 * Plans a session. Calls each of the definition's functions once and puts their results into the plan. Creates and starts
 * nothing.
 * @throws what the definition's functions throw; ClusterError `INVALID_DEFINITION` if they return something invalid
 */
export async function planSession(
  cluster: ClusterDefinition,
  ground: SessionGround,
  { ports, values }: Chosen,
): Promise<SessionPlan> {
  const { services } = cluster
  const known = {
    ...ground,
    services: Object.fromEntries(
      Object.entries(services).map(([name, { kind, dependsOn }]) => [
        name,
        {
          kind,
          ...placeOf(ground, name),
          dependsOn: dependencyNames(dependsOn),
          ports: ports[name] ?? {},
          values: values[name] ?? {},
        },
      ]),
    ),
  }
  const planned = await settled(
    startOrder(services).map(
      async (name) =>
        [name, await planService(name, services[name] as ServiceDefinition, known)] as const,
    ),
  )
  checkLogFiles(
    planned.map(([, service]) => service),
    ground,
  )
  return {
    ...ground,
    services: unrequired(Object.fromEntries(planned)),
    ...(ground.uids === 'many' && { ownership: planOwnership(cluster, ground) }),
    ownRoots: planOwnRoots(ground),
  }
}

async function planService(
  name: string,
  definition: ServiceDefinition,
  known: Known & SessionGround,
): Promise<ServicePlan> {
  const context = serviceContext(known, name)
  const service = known.services[name] as Known['services'][string]
  const [files, clientFiles, state] = await settled([
    Promise.resolve(context).then((given) => definition.files?.(given)),
    Promise.resolve(context).then((given) => definition.clientFiles?.(given)),
    template(name, definition, known),
  ])
  const made = evaluated(definition, context)
  return {
    name,
    ...service,
    unit: planUnit(definition, made, known),
    ...helpersOf(name, definition, made, known),
    log: join(known.paths.logs, logName(name)),
    files: planned(files),
    clientFiles: planned(clientFiles),
    state,
    user: definition.user,
    group: definition.group,
    env: made.env,
    deny: made.options.SystemCallDeny ?? [],
    ready: definition.ready,
    readyTimeout: definition.readyTimeout ?? READY_TIMEOUT,
    stopSignal: definition.stopSignal ?? 'SIGKILL',
    stopTimeout: definition.stopTimeout ?? STOP_TIMEOUT,
    ...(definition.killAtEnd ? { killAtEnd: true } : {}),
    up: true,
    restarts: 0,
  }
}

function helpersOf(
  name: string,
  definition: ServiceDefinition,
  { logFiles, options }: Evaluated,
  ground: SessionGround,
): Pick<ServicePlan, 'helpers' | 'logFiles' | 'syslog'> {
  const { syslog } = definition
  const follows = logFiles.length > 0
  if (follows && options.DynamicUser)
    refuseFor(name)(
      'has logFiles and unit: { DynamicUser: true }: the files would belong to no account',
      'Remove one, or write the log to stdout.',
    )
  const helpers = [
    ...(follows ? [planLogFiles(name, logFiles, definition, ground)] : []),
    ...(syslog ? [planSyslog(name, ground)] : []),
  ]
  return {
    ...(helpers.length > 0 && { helpers }),
    ...(follows && { logFiles }),
    ...(syslog && { syslog }),
  }
}

/** The template of a service's state for its inputs. Each tree has its own: other programs may make other files. */
async function template(
  name: string,
  { kind, state }: ServiceDefinition,
  ground: SessionGround,
): Promise<string | undefined> {
  if (!state) return undefined
  const inputs = await state.inputs({ name, baseDirectory: ground.baseDirectory })
  const { digest } = rootOf(ground, name)
  return templatePath(kind, digest ? { inputs, tree: digest } : inputs)
}

function planned(files: Files | undefined): PlannedFiles {
  return Object.fromEntries(
    Object.entries(files ?? {}).map(([path, file]) => [
      path,
      typeof file === 'string' ? { content: file, mode: 0o600 } : file,
    ]),
  )
}
