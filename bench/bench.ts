/**
 * npm run bench [ROUNDS]: what a session costs over the services' own start, in one run on one machine. Floor and session take
 * turns; quote the medians' ratios, not the milliseconds.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { openSession } from 'vitest-cluster'
import { reservePort } from '../packages/vitest-cluster/src/ports/reserve.ts'
import { makeFloor } from './floor.ts'
import { median } from './median.ts'
import { allReady } from './ready.ts'
import cluster from './with-cluster/cluster.config.ts'

const rounds = Number(process.argv[2] ?? 7)
const figures = new Map<string, number[]>()

async function time<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  note(name, performance.now() - start)
  return result
}

function note(name: string, value: number): void {
  figures.set(name, [...(figures.get(name) ?? []), value])
}

async function floorRound(floor: Awaited<ReturnType<typeof makeFloor>>): Promise<void> {
  const reserved = await Promise.all([reservePort(), reservePort(), reservePort()])
  const [ldap, ssh, http] = reserved.map((port) => port.number) as [number, number, number]
  const children = await time('floor: start', async () => {
    const started = floor.start({ ldap, ssh, http })
    await allReady({ ldap, ssh, http })
    return started
  })
  await time('floor: stop', async () => {
    const ended = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
  })
  for (const port of reserved) port.release()
}

async function sessionRound(): Promise<void> {
  const session = await time('session: open()', () => openSession(cluster))
  const [ldap, ssh, hgweb] = await Promise.all([
    session.handle('ldap'),
    session.handle('ssh'),
    session.handle('hgweb'),
  ])
  await time('session: first use after open()', () =>
    allReady({ ldap: ldap.port, ssh: ssh.port, http: hgweb.port }),
  )
  await time('session: close()', () => session.close())
}

async function vitestRound(name: string): Promise<void> {
  const cwd = fileURLToPath(new URL(name, import.meta.url))
  const { stdout } = await time(`vitest run ${name}`, () =>
    execa('vitest', ['run'], { cwd, preferLocal: true }),
  )
  const ended = /last test ended at (\d+)/.exec(stdout)?.[1]
  if (ended) note(`vitest run ${name}: last test to nothing left`, Date.now() - Number(ended))
}

const floor = await makeFloor()
try {
  await (await openSession(cluster)).close() // Templates are made once, outside of the measurement
  for (let round = 0; round < rounds; round++) {
    await floorRound(floor)
    await sessionRound()
    await vitestRound('without-cluster')
    await vitestRound('with-cluster')
  }
} finally {
  await floor.remove()
}

const base = median(figures.get('floor: start') ?? [])
console.log(
  `${rounds} rounds, milliseconds: minimum, median, maximum; ratio of the median to the floor's start`,
)
for (const [name, values] of figures) {
  const row = [Math.min(...values), median(values), Math.max(...values)].map((value) =>
    value.toFixed(0).padStart(6),
  )
  console.log(`${name.padEnd(52)}${row.join('')}  ${(median(values) / base).toFixed(2)}`)
}
