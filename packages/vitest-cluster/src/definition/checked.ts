import { command } from './check-command.ts'
import { checkedEnv } from './check-env.ts'
import { FIELDS } from './check-fields.ts'
import { logFiles } from './check-log-files.ts'
import { checkedInputs, checkedValues, files } from './check-results.ts'
import { checkUnitTogether, unit } from './check-unit.ts'
import { inTime, MAKE_TIMEOUT } from './in-time.ts'
import { checkOptionNames } from './options.ts'
import { portNames } from './ports.ts'
import { type Refuse, reading, refuseFor, shown } from './refuse.ts'
import type { Check } from './schema.ts'
import type { ServiceDefinition } from './service.ts'
import type { State, StateContext } from './service-context.ts'
import { rememberCopy } from './site.ts'
import { calling } from './thrown.ts'
import { isPlain } from './words.ts'

/** Checks for the results of a field's function. `handle` is checked where it is called, in the test's process. */
const RESULTS: Readonly<Record<string, Check>> = {
  command,
  env: checkedEnv,
  unit,
  files,
  clientFiles: files,
  logFiles,
  values: checkedValues,
}
const ASYNC = ['files', 'clientFiles', 'values']
/** The result of a function that returns nothing. */
const ABSENT: Readonly<Record<string, object>> = {
  env: {},
  unit: {},
  files: {},
  clientFiles: {},
  logFiles: [],
  values: {},
}
const REQUIRED = ['kind', 'command', 'ready']
/** The field that carries the type of a handle, see service.ts. */
const OF_TYPES = '~handle'

/**
 * A checked copy of a service: each field is read once, and its functions check what they return.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function checkedService(name: string, input: unknown): ServiceDefinition {
  const refuse = refuseFor(name)
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse(`is not a service: ${shown(input)}`, 'Make it with defineService({ … }).')
  if (isPlain(input)) {
    const { [OF_TYPES]: _, ...written } = input
    checkOptionNames(undefined, written, Object.keys(FIELDS), refuse)
  }
  const given = input as Readonly<Record<string, unknown>>
  const fields = Object.entries(FIELDS).flatMap(([field, check]) => {
    const value = given[field]
    if (value === undefined && !REQUIRED.includes(field)) return []
    return [[field, guarded(field, check(value, field, refuse), input)]]
  })
  const service = Object.fromEntries(fields) as ServiceDefinition
  if (service.ready === 'listening' && portNames(service.ports).length === 0)
    refuse("has ready: 'listening' and no ports", "Name its ports, such as ports: ['http'].")
  const copy = withCheckedUnit(service, refuse)
  rememberCopy(copy, input)
  return copy
}

/** Checks `unit`, or its result if it is a function, against the other fields. */
function withCheckedUnit(service: ServiceDefinition, refuse: Refuse): ServiceDefinition {
  const { unit: options } = service
  if (typeof options !== 'function') {
    checkUnitTogether(options ?? {}, service, refuse)
    return service
  }
  const checkedOptions: typeof options = (context) => {
    const result = options(context)
    checkUnitTogether(result, service, refuse)
    return result
  }
  return { ...service, unit: checkedOptions }
}

/** Wraps a field's function with a check of its result. `this` is the object that the user wrote. */
function guarded(field: string, value: unknown, self: object): unknown {
  if (field === 'state') return guardedState(value as State)
  const check = RESULTS[field]
  if (typeof value !== 'function') return value
  return (context: { readonly name: string }) => {
    const thrower = { service: context.name, what: field }
    const result: unknown = calling(thrower, () => value.call(self, context)) ?? ABSENT[field]
    if (!check) return result
    // A promise is refused below, so its rejection must not go unhandled
    if (!ASYNC.includes(field) && isPromise(result)) result.catch(() => {})
    const checked = (settled: unknown) =>
      reading(`the result of ${field}`, context.name, () =>
        check(settled, `${field}()`, refuseFor(context.name)),
      )
    return ASYNC.includes(field) && isThenable(result)
      ? inTime(result, thrower).then((settled) => checked(settled ?? ABSENT[field]))
      : checked(result)
  }
}

function guardedState(state: State): State {
  return {
    inputs: async (context) => {
      const { name } = context
      const thrower = { service: name, what: 'state.inputs' }
      const given = calling(thrower, () => state.inputs(context))
      const inputs = isThenable(given) ? await inTime(given, thrower) : given
      return reading('the result of state.inputs', name, () =>
        checkedInputs(inputs, refuseFor(name)),
      )
    },
    make: async (context) => {
      const thrower = { service: context.name, what: 'state.make' }
      const made = calling(thrower, () => state.make(guardedContext(context)))
      return inTime(Promise.resolve(made), { ...thrower, limit: MAKE_TIMEOUT })
    },
  }
}

function guardedContext(context: StateContext): StateContext {
  const { name, write } = context
  const checked = (written: unknown) =>
    reading('the files that state.make writes', name, () =>
      files(written, 'state.make()', refuseFor(name)),
    )
  return { ...context, write: async (files) => write(checked(files)) }
}

/** Unlike `instanceof`, calls no code of a Proxy. */
function isPromise(value: unknown): value is Promise<unknown> {
  return process.getBuiltinModule('node:util').types.isPromise(value)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    // A file may be named `then`, and a function of that name may never call back
    if (isPlain(value)) return false
    const { then } = (value ?? {}) as { readonly then?: unknown }
    return typeof then === 'function'
  } catch {
    // The check of the value reports what cannot be read
    return false
  }
}
