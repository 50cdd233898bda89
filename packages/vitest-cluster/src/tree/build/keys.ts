import { FORMAT } from '../cache/entry.ts'
import { sha256 } from './hashes.ts'
import type { Ids } from './ids.ts'
import type { Inputs, Step } from './step.ts'

/** The key of what a step is made from. Pure. */
export function wantedKey(step: Step, inputs: Inputs, ids: Ids, below: string | undefined): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))
  return keyOf([FORMAT, step.kind, ids.uids, below ?? null, sorted])
}

/** The key of what became of it. Pure. */
export function resolvedKey(wanted: string, resolved: Inputs): string {
  return keyOf([wanted, Object.entries(resolved).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function keyOf(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 32)
}
