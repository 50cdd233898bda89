import { defineCluster, defineService, openSession } from 'vitest-cluster'
const sc = 'echo $NOTIFY_SOCKET; ls -laR /run; systemd-notify --ready; echo $?; exec sleep 100'
const s = await openSession(defineCluster({ services: { b: defineService({ kind: 'x', user:process.argv[2], command: () => ['sh','-c',sc], ready: 'notify', readyTimeout: 3000 })} })).catch(e => console.log(e.message))
await s?.close()
