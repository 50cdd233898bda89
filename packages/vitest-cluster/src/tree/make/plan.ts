import { join } from 'node:path'
import type { TreeDefinition } from '../../definition/tree.ts'
import { FileHashes, sha256 } from '../build/hashes.ts'
import { type Ids, machineIds } from '../build/ids.ts'
import type { Inputs, Step, StepContext } from '../build/step.ts'
import { FORMAT } from '../cache/entry.ts'
import type { TreeStore } from '../cache/store.ts'
import type { TreeProgress } from '../progress.ts'
import { stepsOf } from './steps.ts'

/** A step with its inputs, before it is built. */
export interface PlannedStep {
  readonly step: Step
  readonly inputs: Inputs
}

/** The surroundings of a build. */
export interface Site {
  readonly store: TreeStore
  readonly ids: Ids
  readonly context: StepContext
  readonly progress: TreeProgress
  /** The owner of the tree: what changed is reported since the last tree of this owner. */
  readonly owner: string
}

export interface PlanOptions {
  readonly store: TreeStore
  readonly progress: TreeProgress
  readonly baseDirectory: string
  /** `baseDirectory` by default. */
  readonly owner?: string | undefined
}

/** The steps of a tree with their inputs. Builds nothing. @throws ClusterError `UNREADABLE_FILE` */
export async function planTree(
  definition: TreeDefinition,
  { store, progress, baseDirectory, owner = baseDirectory }: PlanOptions,
): Promise<{ site: Site; planned: readonly PlannedStep[] }> {
  store.prepare()
  const [ids, steps] = await Promise.all([machineIds(), stepsOf(definition)])
  const hashes = new FileHashes(join(store.directory, 'digests.json'), async (path) =>
    (await import('../build/large-file.ts')).digestHere(path),
  )
  const context = { baseDirectory, hashes }
  const planned = await Promise.all(
    steps.map(async (step) => ({ step, inputs: await inputsOf(step, context) })),
  )
  await hashes.save()
  return { site: { store, ids, context, progress, owner }, planned }
}

async function inputsOf(step: Step, context: StepContext): Promise<Inputs> {
  try {
    return await step.inputs(context)
  } catch (error) {
    const { withStep } = await import('../build/failure.ts')
    throw withStep(error, step.title)
  }
}

/** The keys of the steps from the base up, as far as they are known without building anything. */
export function knownKeys({ store, ids }: Site, planned: readonly PlannedStep[]): string[] {
  const keys: string[] = []
  for (const { step, inputs } of planned) {
    const wanted = wantedKey(step, inputs, ids, keys.at(-1))
    const key = step.resolved ? store.resolved(wanted) : wanted
    if (!key) break
    keys.push(key)
  }
  return keys
}

/** The key of a step's inputs. Pure. */
export function wantedKey(step: Step, inputs: Inputs, ids: Ids, below: string | undefined): string {
  return keyOf([FORMAT, step.kind, ids.uids, below ?? null, sorted(inputs)])
}

/** The key of a step's result, from the key of its inputs and what it was resolved to. Pure. */
export function resolvedKey(wanted: string, resolved: Inputs): string {
  return keyOf([wanted, sorted(resolved)])
}

function sorted(inputs: Inputs): [string, string][] {
  return Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))
}

function keyOf(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 32)
}
