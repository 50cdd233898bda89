import { nearest } from '../definition/nearest.ts'
import { thrownAt } from '../definition/thrown.ts'
import { ClusterError } from '../errors.ts'

/** Property names that `await`, JSON.stringify() and Vitest's matchers read on every object. */
const PROBED = [
  ...['then', 'toJSON', 'length', 'href'],
  ...['asymmetricMatch', 'nodeType', 'tagName', 'hasAttribute'],
]

/**
 * A service's port numbers, for the functions of definitions. To read a port that the service does not have is an error:
 * `undefined` would become a word of a command line. `'ldaps' in ports` tells whether the service has a port.
 *
 * The prototype throws that error. The object itself stays plain data, which can be copied, printed and sent to a worker.
 * @param reader the service whose functions read the ports: `service` itself, or one that depends on it
 */
export function portNumbers(
  service: string,
  ports: Readonly<Record<string, number>>,
  reader = service,
): Readonly<Record<string, number>> {
  const missing = new Proxy(Object.prototype, {
    get(inherited, name, receiver) {
      if (typeof name === 'symbol' || name in inherited || !isPortName(name))
        return Reflect.get(inherited, name, receiver)
      const names = Object.keys(ports)
      const near = nearest(name, names)
      throw new ClusterError({
        code: 'INVALID_DEFINITION',
        service: reader,
        message:
          reader === service
            ? `has no port '${name}'`
            : `reads the port '${name}' of ${service}, which has no port of this name`,
        at: thrownAt(new Error('read')),
        fix: `${near ? `Did you mean ${near}? ` : ''}The ports of ${service}: ${names.join(', ') || 'none'}.`,
      })
    },
  })
  return Object.assign(Object.create(missing) as Record<string, number>, ports)
}

function isPortName(name: string): boolean {
  return /^[A-Za-z]/.test(name) && !PROBED.includes(name)
}
