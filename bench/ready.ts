import { createConnection } from 'node:net'
import { Client } from 'ldapts'
import type { FloorPorts } from './floor.ts'

/** Resolves when an LDAP search, an ssh greeting and an HTTP 200 have all succeeded: the same for floor and session. */
export async function allReady({ ldap, ssh, http }: FloorPorts): Promise<void> {
  await Promise.all([
    retry(() => searches(ldap)),
    retry(() => greets(ssh)),
    retry(() => serves(http)),
  ])
}

async function searches(port: number): Promise<void> {
  const client = new Client({ url: `ldap://127.0.0.1:${port}`, connectTimeout: 1000 })
  try {
    await client.search('dc=example', { scope: 'base' })
  } finally {
    await client.unbind()
  }
}

function greets(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      if (String(data).startsWith('SSH-2.0-')) resolve()
      else reject(new Error(`no ssh server: ${data}`))
    })
  })
}

async function serves(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/demo`)
  await response.arrayBuffer()
  if (response.status !== 200) throw new Error(`HTTP ${response.status}`)
}

/** A plain child process does not report when it is ready: it is polled every 2 ms, for 10 s at most. */
async function retry(check: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + 10_000; ; ) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}
