import { command, files, type Layer, packages } from 'vitest-cluster/tree'
import { checkoutAt } from '../checkout.ts'
import { ports } from '../ports.ts'
import { base } from './base.ts'
import { jvm } from './jvm.ts'

/** What the trees of hgssh and of the mirrors have in common, such as the keys of each other. */
export const server = base.with(
  ...jvm,
  // For the checkout's own packages
  packages(['python3-setuptools', 'python3-wheel']),
  command(['python3', 'tree/setup/keys.py'], { inputs: ['tree/setup/keys.py'] }),
)

/**
 * The checkout, and what its roles make of a host: accounts, directories, configuration and scripts at the paths of the
 * Docker cluster. Python's virtual environments are in layers below.
 */
export function roles(host: 'hgssh' | 'hgweb'): Layer[] {
  return [
    checkoutAt('/var/hg/version-control-tools'),
    command(['python3', '-B', 'tree/setup/main.py', host, JSON.stringify(ports)], {
      inputs: ['tree/setup'],
    }),
    files({
      '/usr/bin/supervisorctl': { from: 'tree/setup/supervisorctl' },
      '/usr/local/lib/hgmo/control.py': { from: 'tree/client/control.py' },
    }),
  ]
}
