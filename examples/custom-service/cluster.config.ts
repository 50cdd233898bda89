import { defineCluster, defineService } from 'vitest-cluster'

const redis = defineService({
  kind: 'redis',
  programs: [
    { name: 'redis-server', debian: 'redis-server', fedora: 'redis', arch: 'redis' },
    { name: 'redis-cli', debian: 'redis-tools', fedora: 'redis', arch: 'redis' },
  ],
  ports: ['redis'],
  files: ({ ports, directory }) => ({
    'redis.conf': [
      'bind 127.0.0.1',
      `port ${ports.redis}`,
      `dir ${directory}`,
      'save ""',
      'supervised systemd',
    ].join('\n'),
  }),
  command: ({ directory }) => ['redis-server', `${directory}/redis.conf`],
  // Redis notifies systemd when it accepts connections
  ready: 'notify',
  handle: ({ ports, exec }) => ({
    url: `redis://127.0.0.1:${ports.redis}`,
    /** Runs redis-cli and returns what it prints. */
    async cli(...argv: string[]) {
      const { stdout } = await exec(['redis-cli', '-p', `${ports.redis}`, ...argv])
      return stdout.trim()
    },
  }),
})

export default defineCluster({ services: { redis } })
