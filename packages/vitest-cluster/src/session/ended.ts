import type { UnitState } from '../systemd/unit-state.ts'

/** What to do about a program that ended with success. */
export const FORKED =
  "If it is a daemon that goes to the background, give it its option to stay in the foreground (such as -F, -D, --foreground or --no-daemon), or write ready: 'forking'. Else its last lines may say why it ended."

/** Whether a service's first process ended with exit status 0, as that of a daemon does. */
export function hasSucceeded({ execMainCode, execMainStatus }: UnitState): boolean {
  return execMainCode === 1 && execMainStatus === 0
}

/** How a service ended, in words: its result, and its exit status or signal (systemd.exec(5), "Process Exit Codes"). */
export function ended({ result, execMainStatus, execMainCode }: UnitState): string {
  const how =
    execMainCode === 2 || execMainCode === 3
      ? `killed by signal ${execMainStatus}`
      : execMainCode === 1
        ? `exit status ${execMainStatus}${meaning(execMainStatus)}`
        : 'its program never ran'
  return `result '${result}', ${how}`
}

function meaning(status: number): string {
  const words: Record<number, string> = {
    127: ' (no such program)',
    200: ' (cannot enter its working directory)',
    203: ' (the program cannot be executed)',
    209: ' (its log cannot be opened)',
    217: ' (its user cannot be set)',
    226: ' (its mount namespace cannot be set up)',
  }
  return words[status] ?? ''
}
