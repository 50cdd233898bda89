/**
 * npm run bench:trees [ROUNDS]: what trees cost, in one run. Quote ratios: to bare mmdebstrap, to a Node that does nothing.
 *   cold     the tree made from nothing, beside `mmdebstrap` of the same packages; they take turns
 *   warm     the tree found in the cache, in a new process, and again in the same one
 *   changed  one file of a layer changed, likewise
 *   session  open() to all ready on the tree and on the host's programs; what it wrote; close()
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { defineCluster, openSession } from 'vitest-cluster'
import { type BuiltTree, debianTree } from 'vitest-cluster/tree'
import { planOf } from '../test/support/plan-of.ts'
import { median } from './median.ts'
import cluster from './with-cluster/cluster.config.ts'

const rounds = Number(process.argv[2] ?? 5)
const PACKAGES = ['slapd', 'ldap-utils', 'openssh-server', 'mercurial', 'libnss-systemd']
const tree = debianTree({ suite: 'trixie', packages: PACKAGES })
const directory = await mkdtemp(join(tmpdir(), 'vitest-cluster-trees-'))

async function time<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  into.push(performance.now() - start)
  return result
}

function show(name: string, values: readonly number[], rest = ''): void {
  console.log(`${name.padEnd(34)} ${median(values).toFixed(1).padStart(9)} ms   ${rest}`)
}

try {
  const bare: number[] = []
  const cold: number[] = []
  const mmdebstrap = ['--quiet', '--variant=apt', `--include=${PACKAGES.join(',')}`, 'trixie']
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    const tar = join(directory, 'bare.tar')
    await time(bare, () => execa('mmdebstrap', [...mmdebstrap, tar]))
    await rm(tar)
    process.env['XDG_CACHE_HOME'] = join(directory, `${round}`)
    await time(cold, () => tree.build().then((built: BuiltTree) => built.release()))
  }
  show('mmdebstrap to a tar', bare)
  show('cold', cold, `${(median(cold) / median(bare)).toFixed(2)} x mmdebstrap`)

  const node: number[] = []
  const program: number[] = []
  const parts = { warm: [], again: [], changed: [], changedAgain: [] } as Record<string, number[]>
  for (let round = 0; round <= rounds; round++) {
    const script = fileURLToPath(new URL('tree-part.ts', import.meta.url))
    const { stdout } = await execa(process.execPath, [script, PACKAGES.join(','), `${round}`])
    // The first round makes the layer; it is not counted
    if (round === 0) continue
    await time(node, () => execa(process.execPath, ['-e', '0']))
    await time(program, () => execa('/bin/true'))
    for (const [name, value] of Object.entries(JSON.parse(stdout))) parts[name]?.push(Number(value))
  }
  const part = (name: string, key: string) => {
    const values = parts[key] ?? []
    show(name, values, `${(median(values) / median(node)).toFixed(2)} x node -e 0`)
  }
  show('floor: node -e 0', node)
  show('floor: /bin/true', program)
  part('warm, new process', 'warm')
  part('warm, same process', 'again')
  part('one changed file, new process', 'changed')
  part('one changed file, same process', 'changedAgain')

  const opens = { tree: [] as number[], host: [] as number[] }
  const closes: number[] = []
  const written: number[] = []
  const states: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const onTree = await time(opens.tree, () =>
      openSession(defineCluster({ extends: cluster, tree, services: {} })),
    )
    const used = async (path: string) =>
      Number((await execa('du', ['-s', '--block-size=1', path])).stdout.split('\t')[0])
    const { paths } = planOf(onTree)
    const all = await used(paths.directory)
    written.push(all)
    states.push(await used(join(paths.root, 'srv')))
    await time(closes, () => onTree.close())
    const onHost = await time(opens.host, () => openSession(cluster))
    await onHost.close()
    // The first round makes templates of state
    if (round === 0) for (const list of [opens.tree, opens.host, closes]) list.pop()
  }
  const ratio = (median(opens.tree) / median(opens.host)).toFixed(2)
  show('open(), three services, host', opens.host)
  show('open(), three services, tree', opens.tree, `${ratio} x host`)
  show('close(), tree', closes)
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`
  console.log(
    `written per session                ${kilobytes(median(written))}, of which services' own ${kilobytes(median(states))}`,
  )
} finally {
  await execa('rm', ['-rf', directory], { reject: false })
  if (process.getuid?.() !== 0)
    await execa('unshare', ['--user', '--map-auto', '--map-root-user', 'rm', '-rf', directory])
}
