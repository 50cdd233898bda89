// Opens a session with a host, prints its address, and holds it until this process is killed.
import { defineCluster } from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { script } from './services.ts'

const idle = script('exec sleep 1000000')
const session = await openInternal(
  defineCluster({ services: {}, hosts: { web: { services: { idle } } } }),
)
console.log(JSON.stringify({ id: session.id, address: session.plan.hosts['web']?.address }))
process.stdin.resume()
