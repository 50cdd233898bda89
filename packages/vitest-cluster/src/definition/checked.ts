import { command } from './check-command.ts'
import { checkedEnv } from './check-env.ts'
import { FIELDS } from './check-fields.ts'
import { checkedInputs, checkedValues, files } from './check-results.ts'
import { unit } from './check-unit.ts'
import { inTime, MADE } from './in-time.ts'
import { checkOptionNames } from './options.ts'
import { type Refuse, reading, refuseFor, shown } from './refuse.ts'
import type { Check } from './schema.ts'
import type { ServiceDefinition, State, StateContext } from './service.ts'
import { rememberCopy } from './site.ts'
import { calling } from './thrown.ts'
import { isPlain } from './words.ts'

/** Checks what a field's function returns. `handle` is checked where it is called: the test's process may have its own. */
const RESULTS: Readonly<Record<string, Check>> = {
  command,
  env: checkedEnv,
  unit,
  files,
  clientFiles: files,
  values: checkedValues,
}
const ASYNC = ['files', 'clientFiles', 'values']
/** What a function says that returns nothing. */
const ABSENT: Readonly<Record<string, object>> = {
  env: {},
  unit: {},
  files: {},
  clientFiles: {},
  values: {},
}
const REQUIRED = ['kind', 'command', 'ready']
/** What carries the type of a handle, see service.ts. */
const OF_TYPES = '~handle'

/**
 * A service as it is used: a copy, each of its fields read once and checked, with functions that check what they
 * return. @throws ClusterError `INVALID_DEFINITION`
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
  checkTogether(service, refuse)
  rememberCopy(service, input)
  return service
}

function checkTogether({ ready, ports, unit, needs }: ServiceDefinition, refuse: Refuse): void {
  if (ready === 'listening' && !ports?.length)
    refuse("has ready: 'listening' and no ports", "Name its ports, such as ports: ['http'].")
  if (typeof unit === 'object' && unit.DynamicUser && !needs?.includes('systemd')) {
    refuse(
      'has unit: { DynamicUser: true } and does not need a systemd',
      "Only the tree's own systemd makes users up: write needs: ['systemd'], too.",
    )
  }
}

/** A field's function with a check of what it returns, called as a method of what the user wrote. */
function guarded(field: string, value: unknown, self: object): unknown {
  if (field === 'state') return guardedState(value as State)
  const check = RESULTS[field]
  if (typeof value !== 'function') return value
  return (context: { readonly name: string }) => {
    const thrower = { service: context.name, what: field }
    const result: unknown = calling(thrower, () => value.call(self, context)) ?? ABSENT[field]
    if (!check) return result
    // One that is not waited for is refused below, whatever becomes of it
    if (result instanceof Promise && !ASYNC.includes(field)) result.catch(() => {})
    const checked = (settled: unknown) =>
      reading(`what ${field} returns`, context.name, () =>
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
      return reading('what state.inputs returns', name, () =>
        checkedInputs(inputs, refuseFor(name)),
      )
    },
    make: async (context) => {
      const thrower = { service: context.name, what: 'state.make' }
      const made = calling(thrower, () => state.make(guardedContext(context)))
      return inTime(Promise.resolve(made), { ...thrower, limit: MADE })
    },
  }
}

function guardedContext(context: StateContext): StateContext {
  const { name, write } = context
  const checked = (written: unknown) =>
    reading('what state.make writes', name, () => files(written, 'state.make()', refuseFor(name)))
  return { ...context, write: async (files) => write(checked(files)) }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    // A file may be called `then`, and a function that stands there may never call back
    if (isPlain(value)) return false
    const { then } = (value ?? {}) as { readonly then?: unknown }
    return typeof then === 'function'
  } catch {
    // The check of the value says what cannot be read
    return false
  }
}
