// Opens a session with a server that listens on :: if there is IPv6, and prints its answer.
import { defineCluster, defineService, openSession } from '../../src/index.ts'
import { ask } from './services.ts'

const SERVER = `
import socket
try: one = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
except OSError: one = socket.create_server(("0.0.0.0", PORT))
while True:
    client = one.accept()[0]
    client.sendall(b"family %d" % one.family)
    client.close()
`
const dual = defineService({
  kind: 'dual',
  ports: ['main'],
  command: ({ ports }) => ['python3', '-c', `PORT = ${ports.main}${SERVER}`],
  ready: 'listening',
  handle: ({ ports }) => ({ port: ports.main }),
})
const session = await openSession(defineCluster({ services: { dual } }))
const { port } = await session.handle('dual')
const answer = await ask(port, 'x').finally(() => session.close())
console.log(JSON.stringify(answer))
