import { ClusterError } from '../errors.ts'

/** The fixture that is in every test, see test.ts. */
export const WINDOW = 'clusterWindow'

/**
 * Names that a test's context has already. Vitest makes the context from a function, whose own properties cannot be
 * written; a fixture with one of Vitest's names would take it away from the test and from the window in the logs.
 */
const TAKEN = [
  ...['annotate', 'bench', 'expect', 'onTestFailed', 'onTestFinished', 'signal', 'skip', 'task'],
  ...['arguments', 'caller', 'length', 'name'],
  WINDOW,
]

/** Refuses services whose name cannot be that of a fixture. @throws ClusterError `INVALID_NAME` */
export function checkFixtureNames(names: readonly string[]): void {
  const taken = names.find((name) => TAKEN.includes(name))
  if (taken === undefined) return
  throw new ClusterError({
    code: 'INVALID_NAME',
    service: taken,
    message: `cannot be a fixture: the context of a test has a property '${taken}' already`,
    fix: `Give the service another name, such as ${taken}Service. Taken are ${TAKEN.join(', ')}.`,
  })
}
