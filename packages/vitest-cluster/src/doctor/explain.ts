import type { IsolationName } from '../definition/cluster.ts'
import { ClusterError } from '../errors.ts'
import type { System } from '../machine/system.ts'
import type { Check } from './check.ts'
import { CGROUPS } from './checks/cgroups.ts'
import { MANAGER } from './checks/manager.ts'
import { NAMESPACES } from './checks/namespaces.ts'
import { PROGRAMS } from './checks/programs.ts'
import { SYSTEMD } from './checks/systemd.ts'
import { UID_RANGE } from './checks/uid-range.ts'
import { examine } from './examine.ts'
import { fixLines } from './fix.ts'
import type { Need, Precondition } from './precondition.ts'
import { type Probe, probe } from './probe.ts'

/** What a machine lacks, and the fix: the parts of an error. */
export interface Lack {
  readonly found: string
  readonly fix: string
}

/** Why a session has no manager. Called when the quick check found none. */
export async function noManager(env: NodeJS.ProcessEnv): Promise<ClusterError> {
  const { found, fix } = await noGroup(env)
  return new ClusterError({
    code: 'NO_MANAGER',
    message: `no systemd manager for the session: ${found}`,
    fix,
  })
}

/** What the machine lacks for a delegated control group. Called when the quick check found none. */
export async function noGroup(env: NodeJS.ProcessEnv): Promise<Lack> {
  const seen = await probe(env, undefined)
  const missing = await blocking([...SYSTEMD, ...MANAGER, ...CGROUPS, ...PROGRAMS], seen)
  return missing.length > 0 ? describe(missing, seen) : NOTHING
}

/** What the machine lacks for namespaces; undefined if a trial creates them. */
export async function noNamespaces(env = process.env): Promise<Lack | undefined> {
  const seen = await probe(env, undefined)
  const missing = await blocking([...SYSTEMD, ...NAMESPACES], seen)
  return missing.length > 0 ? describe(missing, seen) : undefined
}

/** What the machine lacks for MemoryMax and TasksMax; undefined if units have their controllers. */
export async function noControllers(env = process.env): Promise<Lack | undefined> {
  const seen = await probe(env, undefined)
  const checks = CGROUPS.filter(({ neededFor }) => neededFor.includes('limits'))
  const lacking = (await examine(checks, seen)).filter(({ status }) => status === 'warning')
  return lacking.length > 0 ? describe(lacking, seen) : undefined
}

const NOTHING: Lack = {
  found: 'a check failed, and now succeeds',
  fix: 'Run again: the state of the machine was changing.',
}

/** What the machine lacks for an isolation; undefined if a trial finds nothing missing. */
export async function noIsolation(
  isolation: IsolationName,
  network: 'host' | 'private' = 'host',
  env = process.env,
): Promise<Lack | undefined> {
  const needs: Need[] = [`isolation:${isolation}`]
  if (network === 'private') needs.push('own network')
  const checks = [...UID_RANGE, ...PROGRAMS].filter(({ neededFor }) =>
    neededFor.some((need) => needs.includes(need)),
  )
  if (checks.length === 0) return undefined
  const seen = await probe(env, undefined)
  const all = await examine(checks, seen)
  const missing = all.filter(({ status }) => status === 'missing')
  return missing.length > 0 ? describe(missing, seen) : undefined
}

async function blocking(checks: readonly Check[], seen: Probe): Promise<Precondition[]> {
  const all = await examine(checks, seen)
  const missing = all.filter(
    ({ status, neededFor }) => status === 'missing' && neededFor.includes('session'),
  )
  // user-namespaces reports the same reason
  const told = missing.some(({ id }) => id === 'user-namespaces')
  return missing.filter(({ id }) => !(told && id === 'apparmor-userns'))
}

function describe(missing: readonly Precondition[], { wanted, booted, system }: Probe): Lack {
  const found = missing.map(({ id, found }) => `${id}: ${found}`).join('; ')
  const of = (need: Need) => missing.filter(({ neededFor }) => neededFor.includes(need))
  const own = of('user manager')
  const other = of('private manager')
  if (wanted || own.length === 0 || other.length === 0)
    return { found, fix: fixes(missing, system).join('\n') }
  // Neither manager is available: one of them is enough
  const rest = missing.filter((one) => !own.includes(one) && !other.includes(one))
  const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`)
  const choices = booted
    ? [
        'either for your user manager:',
        ...indented(fixes(own, system)),
        'or for a private manager:',
        ...indented(fixes(other, system)),
      ]
    : [
        '# systemd is not PID 1 on this machine, so there are no user managers:',
        ...fixes(other, system),
      ]
  return { found, fix: [...fixes(rest, system), ...choices].join('\n') }
}

function fixes(list: readonly Precondition[], system: System): string[] {
  return [...new Set(list.flatMap(({ fix }) => (fix ? fixLines(fix, system) : [])))]
}
