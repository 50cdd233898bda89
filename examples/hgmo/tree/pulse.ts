import { command, files } from 'vitest-cluster/tree'
import { fromCheckout } from '../checkout.ts'
import { base } from './base.ts'

/** The tree of pulse, with the configuration of `testing/docker/builder-pulse`. */
export const pulse = base.with(
  files({
    '/etc/rabbitmq/rabbitmq.config': fromCheckout('testing/docker/builder-pulse/rabbitmq.config'),
  }),
  // A node starts in a third of the time
  command(['python3', 'tree/rabbitmq.py'], { inputs: ['tree/rabbitmq.py'] }),
)
