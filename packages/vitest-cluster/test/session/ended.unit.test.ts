import { expect, test } from 'vitest'
import { ended } from '../../src/session/ended.ts'
import type { UnitState } from '../../src/systemd/unit-state.ts'

const [EXITED, KILLED, DUMPED] = [1, 2, 3]

function state(result: string, code: number, status: number, more: Partial<UnitState> = {}) {
  const flags = { noMain: false, wasActive: false, stopped: false, readyFailed: false }
  const process = { execMainCode: code, execMainStatus: status }
  return {
    activeState: 'failed',
    subState: 'failed',
    restarts: 0,
    begun: 0,
    exited: 0,
    result,
    ...process,
    ...flags,
    ...more,
  }
}

// The combinations that service_sigchld_event() and similar functions in systemd's src/core/service.c make
test.for<readonly [what: string, state: UnitState, words: string]>([
  ['exit 0', state('success', EXITED, 0), 'exit status 0'],
  ['exit 0 before READY=1', state('protocol', EXITED, 0), 'exit status 0'],
  ['exit 0, and its check failed then', state('exit-code', EXITED, 0), 'exit status 0'],
  ['exit 3', state('exit-code', EXITED, 3), 'exit status 3'],
  [
    'a shell without its program',
    state('exit-code', EXITED, 127),
    'exit status 127 (no such program)',
  ],
  [
    'EXIT_EXEC',
    state('exit-code', EXITED, 203),
    'exit status 203 (the program cannot be executed)',
  ],
  [
    "a program's own 203 while it is up",
    state('exit-code', EXITED, 203, { wasActive: true }),
    'exit status 203',
  ],
  ['kill -9', state('success', KILLED, 9, { wasActive: true }), 'killed by signal 9 (SIGKILL)'],
  ['kill', state('success', KILLED, 15, { wasActive: true }), 'killed by signal 15 (SIGTERM)'],
  ['kill before READY=1', state('protocol', KILLED, 15), 'killed by signal 15 (SIGTERM)'],
  ['a crash', state('signal', KILLED, 11), 'killed by signal 11 (SIGSEGV)'],
  [
    'a crash with a core',
    state('core-dump', DUMPED, 6),
    'killed by signal 6 (SIGABRT), core dumped',
  ],
  ['a real-time signal', state('signal', KILLED, 40), 'killed by signal 40'],
  ['a stop', state('success', KILLED, 9, { wasActive: true, stopped: true }), 'systemd stopped it'],
  [
    'a stop that it answered',
    state('success', EXITED, 0, { wasActive: true, stopped: true }),
    'systemd stopped it',
  ],
  [
    'a stop during which it crashed',
    state('core-dump', DUMPED, 11, { wasActive: true, stopped: true }),
    'killed by signal 11 (SIGSEGV), core dumped',
  ],
  [
    'the kernel, for memory',
    state('oom-kill', KILLED, 9),
    'one of its processes was killed for lack of memory (oom-kill)',
  ],
  [
    'the kernel, a child of it',
    state('oom-kill', EXITED, 0, { wasActive: true, stopped: true }),
    'one of its processes was killed for lack of memory (oom-kill)',
  ],
  [
    'watchdog',
    state('watchdog', DUMPED, 6),
    'it did not notify the watchdog in time and was killed',
  ],
  ['timeout', state('timeout', KILLED, 9), 'it did not start or stop in time and was killed'],
  ['resources', state('resources', 0, 0), 'systemd could not start it (resources)'],
  ['start limit', state('start-limit-hit', 0, 0), 'it was started too often (start-limit-hit)'],
  [
    'condition',
    state('exec-condition', 0, 0),
    'a condition for its start was not met (exec-condition)',
  ],
  [
    'its check, so that systemd killed it',
    state('exit-code', KILLED, 9, { readyFailed: true }),
    'the check that it is ready failed',
  ],
  [
    'a crash that its check saw',
    state('signal', KILLED, 11, { readyFailed: true }),
    'killed by signal 11 (SIGSEGV)',
  ],
  [
    'a first process that left no daemon',
    state('success', EXITED, 0, { noMain: true }),
    'its first process ended with exit status 0 and left no other process',
  ],
  ['a first process that failed', state('exit-code', EXITED, 1, { noMain: true }), 'exit status 1'],
  ['never run', state('success', 0, 0), 'its program was not run'],
])('the end of a service is described: %s', ([, given, words]) => {
  expect(ended(given)).toBe(words)
})
