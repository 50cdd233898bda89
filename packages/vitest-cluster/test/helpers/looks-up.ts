// Runs the name server of its network, opens a session for each case, and prints the results of look-ups: looks-up.ts
// CASES (JSON).
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type ClusterSettings, defineCluster, openSession } from '../../src/index.ts'
import { directoryTree } from '../../src/tree.ts'
import { script } from './services.ts'

/** A cluster, and the command by which its programs look names up. */
export interface Case extends Pick<ClusterSettings, 'isolation' | 'dns'> {
  /** The directory of a tree; without it the host's programs are used. */
  readonly tree?: string
  readonly writable?: boolean
  /** A shell command. */
  readonly looks: string
}

/** The look-ups by a service, and by a program of `exec`. */
export interface Found {
  readonly service: string
  readonly exec: string
}

const [, , cases = '[]'] = process.argv

/** Answers each query for an IPv4 address with 192.0.2.7, and all others with no records (RFC 1035, 4.1). */
async function serveNames(): Promise<void> {
  const server = createSocket('udp4')
  server.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5
    const question = query.subarray(12, end)
    const isAddress = question.readUInt16BE(question.length - 4) === 1
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(isAddress ? 1 : 0, 6)
    header.writeUInt32BE(0, 8)
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7])
    server.send(Buffer.concat([header, question, ...(isAddress ? [answer] : [])]), port, address)
  })
  server.bind(53, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
}

async function found({ tree, looks, writable = false, ...settings }: Case): Promise<Found> {
  const definition = tree === undefined ? {} : { tree: directoryTree(tree, { writable }) }
  const one = script(`${looks}; : >/tmp/looked; exec sleep 1000000`, {
    ready: { exec: ['/bin/sh', '-c', '[ -e /tmp/looked ]'] },
  })
  const session = await openSession(
    defineCluster({ ...settings, ...definition, services: { one } }),
  )
  try {
    const { exec, log } = await session.handle('one')
    const { stdout, stderr } = await exec(['/bin/sh', '-c', looks], { allowFailure: true })
    return { service: await log.text(), exec: `${stdout}${stderr}` }
  } finally {
    await session.close()
  }
}

await serveNames()
const results: unknown[] = []
for (const one of JSON.parse(cases) as Case[])
  results.push(await found(one).catch(({ code, message }) => ({ code, message })))
console.log(JSON.stringify(results))
