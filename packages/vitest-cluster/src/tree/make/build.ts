import type { TreeDefinition } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import { duration } from '../../units.ts'
import { sha256 } from '../build/hashes.ts'
import { type HeldEntry, TreeStore } from '../cache/store.ts'
import { sessionUse } from '../cache/uses.ts'
import type { TreeProgress } from '../progress.ts'
import { knownKeys, type PlannedStep, planTree, type Site, wantedKey } from './plan.ts'

/** One step of a tree that is built: its base or a layer. */
export interface BuiltStep {
  /** What it is, for people: `debian trixie`, `playbook site.yml`. */
  readonly title: string
  /** Its entry in the cache; undefined for a directory that is used in place. */
  readonly key: string | undefined
  /** Whether it was found in the cache or made by this call. */
  readonly state: 'cached' | 'made'
  /** Milliseconds that it took to make it. */
  readonly took: number
}

/** A tree that is built. The cache keeps it until `release()` is called or this process ends. */
export interface BuiltTree {
  /** The directory of its files. Do not write to it: other trees share its files. */
  readonly path: string
  /** A digest of its paths, modes, owners and contents: 64 hexadecimal digits. */
  readonly digest: string
  /** The key of its entry in the cache; undefined for a directory that is used in place. */
  readonly key: string | undefined
  /** Its base and its layers, lowest first. */
  readonly steps: readonly BuiltStep[]
  /** Milliseconds that it once took to make the cached steps. */
  readonly saved: number
  /** Keeps the tree for a session, for as long as the session's directory exists. @internal */
  lend(id: string, directory: string): Promise<void>
  /** Ends the use by this process: `vitest-cluster clean` may then remove the tree. */
  release(): Promise<void>
}

/** Options of `Tree.build()`. */
export interface BuildOptions {
  /** The directory that relative paths start from, such as that of `cluster.config.ts`. The current one by default. */
  readonly baseDirectory?: string | undefined
  /** A name for the tree's user: progress says what changed since the earlier trees of this name. @internal */
  readonly owner?: string | undefined
  /** Called for each step that is not in the cache, and for the cached ones together. */
  readonly progress?: TreeProgress | undefined
  /** Look up the current versions of packages again. False by default: the versions of the last build are used. */
  readonly update?: boolean | undefined
}

/** Options for callers with another cache, such as tests. */
export interface BuildInOptions extends BuildOptions {
  readonly store?: TreeStore
  /** Build nothing: a tree that is not in the cache is an error. */
  readonly cachedOnly?: boolean | undefined
}

/**
 * Builds a tree, or finds it in the cache. A step whose inputs changed is built again, with all steps above it.
 * @throws ClusterError; docs/troubleshooting.md has every code
 */
export async function buildTree(
  definition: TreeDefinition,
  options: BuildInOptions = {},
): Promise<BuiltTree> {
  const { store = new TreeStore() } = options
  const held: HeldEntry[] = []
  try {
    return await build(definition, { ...options, store }, held)
  } catch (error) {
    for (const entry of held) store.uses.end(entry)
    // Loaded when needed, as everything that an unchanged tree does not need
    const { explainFailure } = await import('../build/failure.ts')
    throw await explainFailure(error, undefined, store.directory)
  }
}

/** @param held filled with the entries that this process holds, also if the build fails */
async function build(
  definition: TreeDefinition,
  options: BuildInOptions & { readonly store: TreeStore },
  held: HeldEntry[],
): Promise<BuiltTree> {
  const { store, progress = () => {}, baseDirectory = process.cwd(), owner, update } = options
  const { site, planned } = await planTree(definition, { store, progress, baseDirectory, owner })
  const [base, ...layers] = planned
  // Sessions of root write as another uid, which must own the files: a directory is copied instead of used in place
  const copied = definition.writable && site.ids.base !== undefined
  if (base?.step.inPlace && layers.length === 0 && !copied) {
    return treeInPlace(base, base.step.inPlace(site.context))
  }
  const keys = update ? [] : knownKeys(site, planned)
  const found = topmost(store, keys)
  const built: BuiltStep[] = []
  let below: HeldEntry | undefined = found?.entry
  if (below) held.push(below)
  if (options.cachedOnly && found?.index !== planned.length - 1) throw notBuilt(planned)
  for (const [index, each] of planned.entries()) {
    if (found && index <= found.index) {
      const entry = index === found.index ? found.entry : undefined
      const { took = 0, title = each.step.title } = entry ?? store.peek(keys[index]) ?? {}
      built.push({ title, key: keys[index], state: 'cached', took })
      continue
    }
    const { entry, state } = await ensure(site, each, below, update)
    held.push(entry)
    if (below) store.uses.end(below)
    below = entry
    built.push({ title: entry.title, key: entry.key, state, took: entry.took })
  }
  const made = built.flatMap(({ key }) => key ?? [])
  // Only for messages: a read-only cache can be used, too
  await store.earlier.note(site.owner, made).catch(() => {})
  const tree = treeOf(store, below as HeldEntry, built)
  const cached = built.filter(({ state }) => state === 'cached').map(({ title }) => title)
  if (cached.length > 0) {
    const message = `from the cache, ${duration(tree.saved)} saved`
    progress({ step: cached.join(' + '), kind: 'cached', message })
  }
  return tree
}

function notBuilt(planned: readonly PlannedStep[]): ClusterError {
  const titles = planned.map(({ step }) => step.title)
  return new ClusterError({
    code: 'TREE_NOT_BUILT',
    message: `the tree (${titles.join(' + ')}) is not in the cache`,
    fix: 'Build it: npx vitest-cluster tree --all',
  })
}

/** A directory that is used in place. */
function treeInPlace({ step, inputs }: PlannedStep, path: string): BuiltTree {
  const steps = [{ title: step.title, key: undefined, state: 'cached' as const, took: 0 }]
  const nothing = async () => {}
  const digest = sha256(JSON.stringify(inputs))
  return { path, digest, key: undefined, steps, saved: 0, lend: nothing, release: nothing }
}

function treeOf(store: TreeStore, entry: HeldEntry, steps: readonly BuiltStep[]): BuiltTree {
  const saved = steps.reduce((sum, { state, took }) => sum + (state === 'cached' ? took : 0), 0)
  const { path, digest, key } = entry
  return {
    path,
    digest,
    key,
    steps,
    saved,
    lend: async (id, directory) => store.uses.begin(key, sessionUse(id, directory)),
    release: async () => store.uses.end(entry),
  }
}

/** The topmost step that the cache has, held by this process. */
function topmost(store: TreeStore, keys: readonly string[]) {
  for (let index = keys.length - 1; index >= 0; index--) {
    const entry = store.take(keys[index] as string)
    if (entry) return { index, entry }
  }
  return undefined
}

/** Builds a step that the cache lacks, unless another process has built it meanwhile. */
async function ensure(
  site: Site,
  planned: PlannedStep,
  below: HeldEntry | undefined,
  update: boolean | undefined,
): Promise<{ entry: HeldEntry; state: BuiltStep['state'] }> {
  const { store, ids } = site
  const { step, inputs } = planned
  const wanted = wantedKey(step, inputs, ids, below?.key)
  const look = () => {
    if (step.resolved && update) return undefined
    const key = step.resolved ? store.resolved(wanted) : wanted
    return key ? store.take(key) : undefined
  }
  const found = look()
  if (found) return { entry: found, state: 'cached' }
  // Loaded when needed: a tree that has not changed needs none of it
  const { makeStep } = await import('./make.ts')
  return makeStep(site, planned, wanted, below, look)
}
