import { checkOptionNames } from '../definition/options.ts'
import type { System } from '../machine/system.ts'
import type { DoctorOptions } from './doctor.ts'
import type { Precondition } from './precondition.ts'

/**
 * Looks at every precondition of a session on this machine. Takes some tens of milliseconds, changes nothing: what
 * can only be found out by trying (namespaces, mounts, a uid range) is tried in processes that end at once.
 */
export async function doctor(options: DoctorOptions = {}): Promise<Precondition[]> {
  checkOptionNames('doctor', options, ['env', 'definition'])
  // Loaded when called, as openSession is
  const { doctorNow } = await import('./doctor.ts')
  return doctorNow(options)
}

/** The distribution and the container that this process runs in: renderDoctor() chooses the fixes by it. */
export async function thisSystem(): Promise<System> {
  const system = await import('../machine/system.ts')
  return system.thisSystem()
}
