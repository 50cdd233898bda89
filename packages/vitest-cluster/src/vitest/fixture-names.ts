import { ClusterError } from '../errors.ts'

/** A fixture of every test, see test.ts. */
export const WINDOW = 'clusterWindow'

/**
 * Names that a test's context has already. Vitest's context is a function, whose own properties are read-only; and a
 * fixture with a name of Vitest's would hide Vitest's property from tests and from this library.
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
    message: `cannot be a fixture: Vitest's test context already has a property '${taken}'`,
    fix: `Give the service another name, such as ${taken}Service. Reserved names are ${TAKEN.join(', ')}.`,
  })
}
