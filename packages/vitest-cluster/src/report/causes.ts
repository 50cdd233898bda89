import type { ServiceReport } from '../observe/report-data.ts'
import type { ServiceEnd } from '../observe/service-end.ts'
import { concerned } from '../observe/test-log.ts'
import type { Report, ReportTest } from './report.ts'

/** A service that ended while the session was up, and the failures of tests that use it. */
export interface Cause {
  readonly service: ServiceReport & { readonly end: ServiceEnd }
  /** Failed tests that use the service, except those that ended before the service did. */
  readonly failures: readonly ReportTest[]
}

/** Failures by their probable cause. */
export interface Causes {
  /** Services that ended, those with failures first, then in the order in which they ended. */
  readonly causes: readonly Cause[]
  /** Failed tests that use none of these services. */
  readonly others: readonly ReportTest[]
}

/** Assigns each failed test to the first of its services that had ended. Pure. */
export function causesOf({ record, tests }: Report): Causes {
  const plan = { services: Object.fromEntries(record.services.map((each) => [each.name, each])) }
  let left = tests.filter(({ state }) => state === 'failed')
  const causes = record.services
    .filter((service): service is Cause['service'] => service.end !== undefined)
    .sort((a, b) => (a.end.at ?? 0) - (b.end.at ?? 0))
    .map((service): Cause => {
      const { name, end } = service
      const failures = left.filter(
        (test) =>
          (test.end ?? Number.POSITIVE_INFINITY) >= (end.at ?? 0) &&
          (concerned(plan, test.uses).has(name) ||
            test.errors.some((error) => error.service === name)),
      )
      left = left.filter((test) => !failures.includes(test))
      return { service, failures }
    })
    // A service that was stopped on purpose is a cause only if a failed test uses it. So is a service that systemd has
    // unloaded: in a detached session systemd unloads services that are stopped
    .filter(
      ({ service: { end }, failures }) =>
        failures.length > 0 || !(end.onPurpose || end.at === undefined),
    )
  const [used, unused] = [true, false].map((wanted) =>
    causes.filter(({ failures }) => failures.length > 0 === wanted),
  )
  return { causes: [...(used ?? []), ...(unused ?? [])], others: left }
}

/** The tests that ran when a service ended: those that use it, or all if none does. Pure. */
export function testsDuring({ tests }: Report, { name, end }: Cause['service']): ReportTest[] {
  const { at } = end
  if (at === undefined) return []
  const running = tests.filter(
    (test) =>
      test.begin !== undefined && test.begin <= at && (test.end ?? Number.POSITIVE_INFINITY) >= at,
  )
  const users = running.filter(({ uses }) => uses.includes(name))
  return users.length > 0 ? users : running
}
