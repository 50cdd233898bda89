import { defineService, type ServiceDefinition } from 'vitest-cluster'

/** A host of its own for programs of `exec`, without a server. */
export function idle(): ServiceDefinition {
  return defineService({
    kind: 'idle',
    command: () => ['/bin/sleep', 'infinity'],
    ready: 'started',
  })
}
