import type { Services } from '../definition/cluster.ts'
import type { Program } from '../definition/service-fields.ts'
import { findProgram } from '../machine/programs.ts'
import type { Packages } from '../machine/tools.ts'

/** A program that services need. */
export interface ServiceProgram {
  readonly program: Program
  readonly services: readonly string[]
  /** Its path; undefined if it is not installed. */
  readonly path: string | undefined
}

/**
 * Finds every program that the services name, in the tree's PATH.
 * @param tree the tree's files; the host's by default
 */
export async function servicePrograms(services: Services, tree = '/'): Promise<ServiceProgram[]> {
  const named = new Map<string, { program: Program; services: string[] }>()
  for (const [service, { programs = [] }] of Object.entries(services)) {
    for (const entry of programs) {
      const program = typeof entry === 'string' ? { name: entry } : entry
      const known = named.get(program.name)
      if (known) known.services.push(service)
      else named.set(program.name, { program, services: [service] })
    }
  }
  return Promise.all(
    [...named.values()].map(async (one) => ({
      ...one,
      path: await findProgram(one.program.name, undefined, one.program.client ? '/' : tree),
    })),
  )
}

/** The packages that contain a program; by default packages of the program's name. */
export function packagesOf({ name, debian, fedora, arch }: Program): Packages {
  return { debian: debian ?? name, fedora: fedora ?? name, arch: arch ?? name }
}
