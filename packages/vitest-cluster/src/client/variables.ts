import { checkedVariables } from '../definition/check-variables.ts'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { inTime } from '../definition/in-time.ts'
import { fail, reading, refuseFor } from '../definition/refuse.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import { calling } from '../definition/thrown.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { SessionClient } from './client.ts'

type Plain = string | number | boolean

/** The properties of each handle that are text, a number or a boolean, by service. */
export type HandleValues = Readonly<Record<string, Readonly<Record<string, Plain>>>>

export interface SessionValues {
  readonly handles: HandleValues
  /** The same values as environment variables for other programs, such as `LDAP_URL`. */
  readonly variables: Readonly<Record<string, string>>
}

/** The environment variable with the id of the session that commands use. */
export const SESSION_VARIABLE = 'VITEST_CLUSTER_SESSION'

/**
 * What other programs can use of a session: the values of its handles, and the variables made of them.
 * @throws ClusterError as `SessionClient.handle`; `INVALID_DEFINITION` for variables that cannot be set, or that two
 * services set; `FUNCTION_FAILED` if `handle` or `variables` of a service throws
 */
export async function sessionValues(
  plan: SessionPlan,
  definition: ClusterDefinition,
): Promise<SessionValues> {
  const client = new SessionClient(plan)
  try {
    const services = Object.entries(definition.services).filter(([name]) => plan.services[name])
    const all = await Promise.all(
      services.map(([name, service]) => valuesOf(client, name, service)),
    )
    const handles = Object.fromEntries(all.map(({ name, values }) => [name, values]))
    return { handles, variables: together(all) }
  } finally {
    await client.disconnect()
  }
}

interface ServiceValues {
  readonly name: string
  readonly values: Readonly<Record<string, Plain>>
  readonly variables: Readonly<Record<string, string>>
}

async function valuesOf(
  client: SessionClient,
  name: string,
  service: ServiceDefinition,
): Promise<ServiceValues> {
  const handle = await client.handle(name, service)
  const plain = Object.entries<unknown>({ ...handle }).filter(
    (entry): entry is [string, Plain] =>
      !['name', 'kind'].includes(entry[0]) &&
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
  )
  const values = { log: client.plan.services[name]?.log ?? '', ...Object.fromEntries(plain) }
  const thrower = { service: name, what: 'variables' }
  const choose = () => service.variables?.(handle)
  const chosen = service.variables
    ? await inTime(Promise.resolve(calling(thrower, choose)), thrower)
    : byDefault(name, values)
  const variables = reading('the result of variables', name, () =>
    checkedVariables(chosen, refuseFor(name)),
  )
  return { name, values, variables }
}

/** `baseUrl` of `hgweb0` as `HGWEB0_BASE_URL`. Pure. */
export function byDefault(
  service: string,
  values: Readonly<Record<string, Plain>>,
): Record<string, Plain> {
  const properties = new Map<string, string>()
  const entries = Object.entries(values).map(([key, value]) => {
    const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    const name = `${service}_${words}`.toUpperCase().replace(/[^A-Z0-9]/g, '_')
    const other = properties.get(name)
    if (other !== undefined)
      twice(
        service,
        `the properties ${other} and ${key} of its handle have the same variable ${name}`,
      )
    properties.set(name, key)
    return [name, value] as const
  })
  return Object.fromEntries(entries)
}

function together(all: readonly ServiceValues[]): Record<string, string> {
  const owners = new Map<string, string>()
  for (const { name: service, variables } of all) {
    for (const name of Object.keys(variables)) {
      const other = owners.get(name)
      if (other !== undefined)
        twice(service, `it sets the variable ${name}, which the service ${other} sets too`)
      owners.set(name, service)
    }
  }
  return Object.assign({}, ...all.map(({ variables }) => variables))
}

function twice(service: string, message: string): never {
  const fix = 'Choose other names in one service: variables: (handle) => ({ … }).'
  return fail('INVALID_DEFINITION', service, message, fix)
}
