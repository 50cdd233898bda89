import { openSession, defineCluster, defineService } from '/home/dev/vitest-cluster/packages/vitest-cluster/dist/index.js'
const redis = () => defineService({ kind: 'redis', programs: ['redis-server'], ports: ['redis'],
  command: ({ ports, directory }) => ['redis-server', '--port', String(ports.redis), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--supervised', 'systemd'],
  ready: 'notify', handle: ({ ports }) => ({ url: `redis://127.0.0.1:${ports.redis}` }) })
const mem = (ready) => defineService({ kind: 'memcached', programs: ['memcached'], ports: ['tcp'],
  command: ({ ports }) => ['memcached', '-l', '127.0.0.1', '-p', String(ports.tcp), '-U', '0'],
  ready, handle: ({ ports }) => ({ port: ports.tcp }) })
const c = defineCluster({ services: { redis: redis(), mem: mem('listening') } })
const t0 = performance.now()
const s = await openSession(c)
console.log('open', performance.now() - t0, s.info.directory)
const r = await s.handle('redis')
console.log(r.url, r.kind, await r.log.text())
const t1 = performance.now()
console.log(await r.exec(['id']), performance.now() - t1)
console.log(await r.exec(['sh', '-c', 'ls -la / /srv /home /root /run; cat; ls -la /srv/redis; touch /usr/x; ps aux | head -5; cat /proc/self/cgroup; mount | wc -l; env'], { input: 'hello\n', allowFailure: true }))
await r.restart()
const t2 = performance.now()
await s.close()
console.log('close', performance.now() - t2)
