import type { IsolationName } from 'vitest-cluster'
import { noIsolation } from '../../packages/vitest-cluster/src/doctor/explain.ts'

export const ISOLATIONS: readonly IsolationName[] = ['chroot', 'range', 'boot', 'nspawn']

/** The reason why this machine does not support an isolation, for skipping a test. */
export async function reason(
  isolation: IsolationName,
  network: 'host' | 'private' = 'host',
): Promise<string | undefined> {
  return (await noIsolation(isolation, network))?.found
}
