import { isDeepStrictEqual } from 'node:util'
import { serviceDirectory } from './context.ts'
import {
  isStoppedAtEnd,
  type PlannedFiles,
  type ServicePlan,
  type SessionGround,
  type SessionPlan,
  serviceOf,
} from './session-plan.ts'

/** One step from one plan to another. Plain data. */
export type Step =
  /** Make the session's root and directories, and start its manager. */
  | { readonly step: 'open' }
  /** Stop what is left at once, and remove all of the session. */
  | { readonly step: 'close' }
  /** Fill a service's directory with its state, by a template or by programs of the tree. */
  | { readonly step: 'prepare'; readonly service: string }
  | {
      readonly step: 'write' | 'remove'
      readonly service: string
      readonly path: string
      readonly of: Place
    }
  /** `unload`: systemd has to unload the unit, because the next unit of this name has other settings. */
  | { readonly step: 'stop'; readonly service: string; readonly unload: boolean }
  | { readonly step: 'start' | 'restart'; readonly service: string }

/** Who a file is for. */
export type Place = 'service' | 'clients'

/**
 * The steps from one plan of a session to another, in order. Opening a session is the difference from undefined, closing
 * it the difference to undefined. Pure.
 */
export function difference(from: SessionPlan | undefined, to: SessionPlan | undefined): Step[] {
  if (!from) return to ? opening(to) : []
  if (!to) return closing(from)
  if (!isDeepStrictEqual(groundOf(from), groundOf(to))) return [...closing(from), ...opening(to)]
  return change(from, to)
}

/** The same plan with a service down, and, unless it is `alone`, with it all services that require it. */
export function withoutService(plan: SessionPlan, name: string, alone = false): SessionPlan {
  const down = [name, ...(alone ? [] : dependentsOf(plan, name))]
  return changed(plan, down, (service) => ({ ...service, up: false }))
}

/** The same plan with a service up, and with it all services that it requires. */
export function withService(plan: SessionPlan, name: string): SessionPlan {
  return changed(plan, [name, ...requiredBy(plan, name)], (service) => ({ ...service, up: true }))
}

/** The same plan with one more restart of a service. */
export function withRestart(plan: SessionPlan, name: string): SessionPlan {
  const once = (service: ServicePlan) => ({ ...service, restarts: service.restarts + 1 })
  return changed(plan, [name], once)
}

/** The same plan with nothing running, and with no file known to be as planned: services may have changed them. */
export function withoutServices(plan: SessionPlan): SessionPlan {
  const nothing = { up: false, files: {}, clientFiles: {} }
  return changed(plan, Object.keys(plan.services), (service) => ({ ...service, ...nothing }))
}

/** Steps for people, a line each. */
export function described(steps: readonly Step[]): string[] {
  return steps.map((each) => {
    switch (each.step) {
      case 'open':
        return "make the session's root file system, and start its manager"
      case 'close':
        return 'stop what is left, and remove the session'
      case 'prepare':
        return `prepare the state of ${each.service}`
      case 'write':
      case 'remove':
        return `${each.step} ${nameOfFile(each)}`
      default:
        return `${each.step} ${each.service}`
    }
  })
}

function nameOfFile({ service, path, of }: Extract<Step, { readonly path: string }>): string {
  return of === 'service'
    ? `${serviceDirectory(service)}/${path}`
    : `${path} for clients of ${service}`
}

function opening(plan: SessionPlan): Step[] {
  const services = Object.values(plan.services)
  return [
    { step: 'open' },
    ...services.flatMap(({ name, state }): Step[] =>
      state === undefined ? [] : [{ step: 'prepare', service: name }],
    ),
    ...services.flatMap((service) => [
      ...writes(service, {}, service.files, 'service'),
      ...writes(service, {}, service.clientFiles, 'clients'),
    ]),
    ...starts(services.filter(({ up }) => up)),
  ]
}

/** Only services with a `stopSignal` are stopped one by one; the others are killed all at once. */
function closing(plan: SessionPlan): Step[] {
  const polite = Object.values(plan.services).filter(
    (service) => service.up && isStoppedAtEnd(service),
  )
  return [
    ...polite.map(({ name }): Step => ({ step: 'stop', service: name, unload: false })),
    { step: 'close' },
  ]
}

function change(from: SessionPlan, to: SessionPlan): Step[] {
  const names = [...new Set([...Object.keys(from.services), ...Object.keys(to.services)])]
  const pairs = names.map((name) => ({
    name,
    before: from.services[name],
    after: to.services[name],
  }))
  const other = pairs.flatMap(({ name, before, after }) =>
    before && after && !isDeepStrictEqual(unitInputs(before), unitInputs(after)) ? name : [],
  )
  const prepared = pairs.filter(
    ({ before, after }) => after?.state && before?.state !== after.state,
  )
  const isPrepared = (name: string) => prepared.some((each) => each.name === name)
  const files = pairs.flatMap(({ name, before, after }) => [
    // A changed state replaces the whole directory
    ...(after
      ? writes(after, (!isPrepared(name) && before?.files) || {}, after.files, 'service')
      : []),
    ...(after ? writes(after, before?.clientFiles ?? {}, after.clientFiles, 'clients') : []),
  ])
  const touched = new Set([
    ...other,
    ...files.flatMap((file) => (file.of === 'service' ? file.service : [])),
  ])
  // Services that require a changed service are started again after it
  const again = new Set([...touched].flatMap((name) => [name, ...dependentsOf(to, name)]))
  const forgotten = new Set(other.flatMap((name) => [name, ...dependentsOf(to, name)]))
  const stops = pairs.flatMap(({ name, before, after }): Step[] => {
    if (!before) return []
    // A unit may be loaded although the service is down, and always is while a loaded unit requires it
    const unload = !after || forgotten.has(name)
    const down = before.up && (!after?.up || again.has(name))
    return unload || down ? [{ step: 'stop', service: name, unload }] : []
  })
  const running = pairs.filter(
    ({ name, before, after }) => after?.up && before?.up && !again.has(name),
  )
  const restarted = running.filter(({ before, after }) => before?.restarts !== after?.restarts)
  return [
    ...stops.toReversed(),
    ...prepared.map(({ name }): Step => ({ step: 'prepare', service: name })),
    ...files,
    ...starts(
      Object.values(to.services).filter(
        ({ name, up }) => up && !running.some((each) => each.name === name),
      ),
    ),
    ...restarted.map(({ name }): Step => ({ step: 'restart', service: name })),
  ]
}

function starts(services: readonly ServicePlan[]): Step[] {
  return services.map(({ name }) => ({ step: 'start', service: name }))
}

type FileStep = Extract<Step, { readonly path: string }>

function writes(
  { name }: ServicePlan,
  before: PlannedFiles,
  after: PlannedFiles,
  of: Place,
): FileStep[] {
  const written = Object.keys(after).filter(
    (path) => !Object.hasOwn(before, path) || !isDeepStrictEqual(before[path], after[path]),
  )
  const gone = Object.keys(before).filter((path) => !Object.hasOwn(after, path))
  const step = (kind: FileStep['step'], path: string) => ({ step: kind, service: name, path, of })
  return [
    ...gone.map((path) => step('remove', path)),
    ...written.map((path) => step('write', path)),
  ]
}

/** All of a service that makes its unit a different one: not its files, nor whether it runs. */
function unitInputs({ unit, helpers, state }: ServicePlan) {
  return { unit, helpers, state }
}

function groundOf({ services, ownership, ...ground }: SessionPlan): SessionGround {
  return ground
}

/** The services that require this one, directly or indirectly, in the order in which they start. */
export function dependentsOf({ services }: SessionPlan, name: string): string[] {
  const found = new Set([name])
  for (const { name: each, dependsOn } of Object.values(services))
    if (dependsOn.some((other) => found.has(other))) found.add(each)
  found.delete(name)
  return [...found]
}

function requiredBy(plan: SessionPlan, name: string): string[] {
  const { dependsOn } = serviceOf(plan, name)
  return dependsOn.flatMap((other) => [...requiredBy(plan, other), other])
}

function changed(
  plan: SessionPlan,
  names: readonly string[],
  how: (service: ServicePlan) => ServicePlan,
): SessionPlan {
  for (const name of names) serviceOf(plan, name)
  const services = Object.entries(plan.services).map(
    ([name, service]) => [name, names.includes(name) ? how(service) : service] as const,
  )
  return { ...plan, services: Object.fromEntries(services) }
}
