import { ClusterError } from '../errors.ts'
import type { Services } from './cluster.ts'
import { dependencyNames } from './dependencies.ts'

/**
 * The services' names, each after those that it depends on.
 * @throws ClusterError `CYCLE`, with the names of the cycle.
 */
export function startOrder(services: Services): string[] {
  const order: string[] = []
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name]
      throw new ClusterError({
        code: 'CYCLE',
        service: name,
        message: `depends on itself: ${cycle.join(' → ')}`,
        fix: 'Remove one of these names from a dependsOn.',
      })
    }
    for (const dependency of dependencyNames(services[name]?.dependsOn))
      visit(dependency, [...path, name])
    done.add(name)
    order.push(name)
  }
  for (const name of Object.keys(services)) visit(name, [])
  return order
}
