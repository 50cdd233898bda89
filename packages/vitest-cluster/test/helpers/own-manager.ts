import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { topmost } from '../../../../test/support/projects/modules/signal.ts'
import { selectManager } from '../../src/open/select-manager.ts'
import { processesOf } from './processes.ts'

export const USERS = "the user's own manager cannot be killed without harm to the user"
export const isUserManager = async () => (await selectManager()).kind === 'user'

/** Sends a signal to the manager of a session, or to its D-Bus. */
export async function signal(id: string, word: 'manager' | 'bus', name: NodeJS.Signals) {
  const found = await processesOf(id, word === 'bus' ? 'dbus-daemon' : '/systemd\0--')
  // The arguments of systemd-nspawn also name the manager; and after a fork a process and its child have the same name
  const pids = topmost(found.filter((pid) => !isNspawn(pid)))
  expect(pids).toHaveLength(1)
  for (const pid of pids) process.kill(pid, name)
}

function isNspawn(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('systemd-nspawn')
}
