import { join } from 'node:path'
import type { TreeDefinition } from '../../definition/tree.ts'
import type { TreeStore } from '../cache/store.ts'
import type { TreeProgress } from '../progress.ts'
import { FileHashes } from './hashes.ts'
import { machineIds } from './ids.ts'
import { wantedKey } from './keys.ts'
import type { PlannedStep, Site } from './site.ts'
import type { Inputs, Step, StepContext } from './step.ts'
import { stepsOf } from './steps.ts'

export interface PlanOptions {
  readonly store: TreeStore
  readonly progress: TreeProgress
  readonly baseDirectory: string
}

/** The steps of a tree with what they are made from. Makes nothing. @throws ClusterError `UNREADABLE_FILE` */
export async function planTree(
  definition: TreeDefinition,
  { store, progress, baseDirectory }: PlanOptions,
): Promise<{ site: Site; planned: readonly PlannedStep[] }> {
  store.prepare()
  const [ids, steps] = await Promise.all([machineIds(), stepsOf(definition)])
  const context = { baseDirectory, hashes: new FileHashes(join(store.directory, 'digests.json')) }
  const planned = await Promise.all(
    steps.map(async (step) => ({ step, inputs: await inputsOf(step, context) })),
  )
  await context.hashes.save()
  return { site: { store, ids, context, progress }, planned }
}

async function inputsOf(step: Step, context: StepContext): Promise<Inputs> {
  try {
    return await step.inputs(context)
  } catch (error) {
    const { withStep } = await import('./failure.ts')
    throw withStep(error, step.title)
  }
}

/** The keys of the steps from the base up, as far as they can be known without making anything. */
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
