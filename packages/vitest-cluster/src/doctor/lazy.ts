import { checkOptionNames } from '../definition/options.ts'
import type { System } from '../machine/system.ts'
import type { DoctorOptions } from './doctor.ts'
import type { Precondition } from './precondition.ts'

/**
 * Checks every precondition of a session on this machine, in some tens of milliseconds. Changes nothing: trials of
 * namespaces, mounts and a uid range run in processes that end at once.
 */
export async function doctor(options: DoctorOptions = {}): Promise<Precondition[]> {
  checkOptionNames('doctor', options, ['env', 'definition'])
  // Imported at the call, as for openSession
  const { doctorNow } = await import('./doctor.ts')
  return doctorNow(options)
}

/** The distribution and the container that this process runs in. renderDoctor() uses them to choose fixes. */
export async function thisSystem(): Promise<System> {
  const system = await import('../machine/system.ts')
  return system.thisSystem()
}
