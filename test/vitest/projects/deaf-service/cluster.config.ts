import { defineCluster } from 'vitest-cluster'
import { cache } from '../cache.ts'

export default defineCluster({
  services: {
    cache: cache({
      command: ({ ports }) => [
        'sh',
        '-c',
        'trap "" TERM; memcached -l 127.0.0.1 -p "$0" -U 0; sleep 60',
        `${ports.cache}`,
      ],
      stopSignal: 'SIGTERM',
      stopTimeout: 200,
    }),
  },
})
