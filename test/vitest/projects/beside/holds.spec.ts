import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)
const path = (name: string) => join(tmpdir(), name)

test('the service answers all the time', { timeout: 600_000 }, async ({ cache }) => {
  expect(await cache.ask('set greeting 0 0 5\r\nhello')).toBe('STORED\r\n')
  writeFileSync(path('begun'), '')
  while (!existsSync(path('enough'))) {
    expect(await cache.ask('get greeting')).toContain('hello')
    await wait(100)
  }
})
