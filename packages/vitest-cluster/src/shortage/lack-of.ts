import { closeSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { filled, spaceAt } from './disk.ts'
import { noInodes, noQuota, noSpace, noSpaceSomewhere } from './disk-limits.ts'
import { type Evidence, ownUid } from './evidence.ts'
import { noInotify, noNamespaces, noPorts } from './kernel-limits.ts'
import type { Lack } from './lack.ts'
import { noDescriptors, noDescriptorsOnMachine, noMemory, noProcesses } from './limits.ts'
import type { Sign } from './spot.ts'

/** The resource that a sign stands for on this machine now. Undefined if nothing has run out. */
export function lackOf(
  sign: Sign,
  { directory = tmpdir(), space = spaceAt(directory), cgroup, uid = ownUid(), room }: Evidence,
): Lack | undefined {
  const disk = (lack: Lack) => (room === undefined ? lack : { ...lack, fix: room })
  switch (sign) {
    case 'space': {
      const kind = space && filled(space)
      if (kind === 'inodes') return disk(noInodes(directory, space))
      return kind === 'blocks' ? disk(noSpace(directory)) : noSpaceSomewhere(directory)
    }
    case 'quota':
      return disk(noQuota(directory))
    case 'descriptors':
      return noDescriptors()
    case 'opening':
      return canOpen() ? noInotify('instances') : noDescriptors()
    case 'machine descriptors':
      return noDescriptorsOnMachine()
    case 'processes':
      return noProcesses(cgroup, uid)
    case 'memory':
      return noMemory(cgroup)
    case 'namespaces':
      return noNamespaces()
    case 'instances':
    case 'watches':
      return noInotify(sign)
    case 'ports':
      return noPorts()
  }
}

function canOpen(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'))
    return true
  } catch {
    return false
  }
}
