import { command, files, type Layer } from 'vitest-cluster/tree'
import { textOf } from '../checkout.ts'

/** Options of {@link venv}. */
export interface VenvOptions {
  /** Where it is; `/var/hg/NAME` by default. */
  readonly path?: string
}

/**
 * A virtual environment with the packages of a hash-locked requirements file of the checkout.
 * @param requirements the file's path in the checkout
 */
export function venv(
  name: string,
  requirements: string,
  { path = `/var/hg/${name}` }: VenvOptions = {},
): Layer[] {
  return [
    files({ [`${path}.txt`]: textOf(requirements) }),
    command(['python3', '-m', 'venv', path]),
  ]
}
