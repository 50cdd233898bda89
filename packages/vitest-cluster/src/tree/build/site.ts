import type { TreeStore } from '../cache/store.ts'
import type { TreeProgress } from '../progress.ts'
import type { Ids } from './ids.ts'
import type { Inputs, Step, StepContext } from './step.ts'

/** What is known of a step before it is made. */
export interface PlannedStep {
  readonly step: Step
  readonly inputs: Inputs
}

/** What the making of steps needs. */
export interface Site {
  readonly store: TreeStore
  readonly ids: Ids
  readonly context: StepContext
  readonly progress: TreeProgress
}
