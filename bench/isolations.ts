/**
 * npm run bench:isolations [ROUNDS]: what a session of three services costs under each isolation that this machine
 * supports, in one run. The isolations take turns; quote the ratios to chroot, not the milliseconds.
 */
import { defineCluster, type IsolationName, openSession } from 'vitest-cluster'
import { noIsolation } from '../packages/vitest-cluster/src/doctor/explain.ts'
import { median } from './median.ts'
import cluster from './with-cluster/cluster.config.ts'

const rounds = Number(process.argv[2] ?? 7)
const figures = new Map<IsolationName, { open: number[]; exec: number[]; close: number[] }>()

for (const isolation of ['chroot', 'range', 'boot', 'nspawn'] as const) {
  const missing = await noIsolation(isolation)
  if (missing) console.log(`${isolation}: not on this machine: ${missing.found}`)
  else figures.set(isolation, { open: [], exec: [], close: [] })
}

async function time<T>(into: number[] | undefined, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  into?.push(performance.now() - start)
  return result
}

// The first round makes templates; it is not counted
for (let round = 0; round <= rounds; round++) {
  for (const [isolation, all] of figures) {
    const counted = round > 0 ? all : undefined
    const definition = defineCluster({ extends: cluster, isolation, services: {} })
    const session = await time(counted?.open, () => openSession(definition))
    const ldap = await session.handle('ldap')
    await time(counted?.exec, () => ldap.exec(['true']))
    await time(counted?.close, () => session.close())
  }
}

const base = figures.get('chroot')
console.log(`medians of ${rounds} rounds, ms (ratio to chroot)`)
for (const [isolation, all] of figures) {
  const cells = (['open', 'exec', 'close'] as const).map((name) => {
    const value = median(all[name])
    return `${name} ${value.toFixed(0).padStart(5)} (${(value / median(base?.[name] ?? [])).toFixed(2)})`
  })
  console.log(`${isolation.padEnd(7)} ${cells.join('   ')}`)
}
