import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import { signal } from '../signal.ts'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('people are found', async ({ ldap }) => {
  signal(ldap, 'SIGSEGV')
  await noticed(() => ldap.url)
  await ldap.connect()
})

test('people are found by a client of its own', async ({ ldap }) => {
  await ldap.restart()
  const { port } = ldap
  signal(ldap, 'SIGSEGV')
  await noticed(() => ldap.url)
  await fetch(`http://127.0.0.1:${port}`)
})

/** Resolves when a use of the handle throws. */
async function noticed(use: () => unknown): Promise<void> {
  await expect.poll(() => throws(use)).toBe(true)
}

function throws(use: () => unknown): boolean {
  try {
    use()
    return false
  } catch {
    return true
  }
}
