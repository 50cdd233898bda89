import { SessionClient } from '../client/client.ts'
import type { ClusterDefinition } from '../definition/cluster.ts'
import type { SessionPlan } from '../plan/session-plan.ts'

type Plain = string | number | boolean

/** A handle's plain parts, by service. */
export type HandleValues = Readonly<Record<string, Readonly<Record<string, Plain>>>>

/** What of the handles is text or a number; functions are for tests. */
export async function handleValues(
  plan: SessionPlan,
  definition: ClusterDefinition,
): Promise<HandleValues> {
  const client = new SessionClient(plan)
  const entries = await Promise.all(
    Object.entries(definition.services)
      .filter(([name]) => plan.services[name])
      .map(async ([name, service]) => {
        const handle = await client.handle(name, service)
        const plain = Object.entries<unknown>({ ...handle }).filter(
          (entry): entry is [string, Plain] =>
            !['name', 'kind'].includes(entry[0]) &&
            ['string', 'number', 'boolean'].includes(typeof entry[1]),
        )
        return [name, { ...Object.fromEntries(plain), log: handle.log.path }] as const
      }),
  )
  await client.disconnect()
  return Object.fromEntries(entries)
}

/** `hgweb0.baseUrl` as `HGWEB0_BASE_URL`, and the session itself as `VITEST_CLUSTER_SESSION`. Pure. */
export function variables(id: string, handles: HandleValues): Record<string, string> {
  const entries = Object.entries(handles).flatMap(([service, values]) =>
    Object.entries(values).map(([key, value]) => [variableName(service, key), `${value}`] as const),
  )
  return { ...Object.fromEntries(entries), VITEST_CLUSTER_SESSION: id }
}

function variableName(service: string, key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
  return `${service}_${words}`.toUpperCase().replace(/[^A-Z0-9]/g, '_')
}

/** Lines that any Bourne shell evaluates; whatever stands in a value stays a value. Pure. */
export function exportLines(all: Readonly<Record<string, string>>): string[] {
  return Object.entries(all).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  )
}
