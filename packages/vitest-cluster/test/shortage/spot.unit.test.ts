import { expect, test } from 'vitest'
import { ClusterError } from '../../src/errors.ts'
import { spotError, spotWords } from '../../src/shortage/spot.ts'

test.each([
  ['sh: 1: Cannot fork', 'processes'],
  ['bash: fork: retry: Resource temporarily unavailable', 'processes'],
  ['unshare: fork failed: Resource temporarily unavailable', 'processes'],
  ["sh: can't fork: Resource temporarily unavailable", 'processes'],
  ["RuntimeError: can't start new thread", 'processes'],
  ['java.lang.OutOfMemoryError: unable to create native thread', 'processes'],
  ['Error: spawn sh EAGAIN', 'processes'],
  ['Error: spawn /usr/bin/sh EAGAIN', 'processes'],
  ['fork/exec /usr/bin/sh: resource temporarily unavailable', 'processes'],
  ["cp: error writing 'x': No space left on device", 'space'],
  ["E: You don't have enough free space in /var/cache/apt/archives/.", 'space'],
  ['/home/me/clone/keeper.sh: 33: cannot create /tmp/x/lock: No space left on device', 'space'],
  ["cp: cannot create '/srv/inotify/namespaces': No space left on device", 'space'],
  ["cp: error writing 'x': Disk quota exceeded", 'quota'],
  ['unshare: unshare failed: No space left on device', 'namespaces'],
  ['bwrap: Creating new namespace failed: No space left on device', 'namespaces'],
  ['Failed to set up mount namespacing: No space left on device', 'namespaces'],
  ['tail: inotify cannot be used, reverting to polling: Too many open files', 'instances'],
  [
    "tail: cannot watch 'x': inotify resources exhausted, inotify_add_watch: No space left on device",
    'watches',
  ],
  ["ENOSPC: System limit for number of file watchers reached, watch '/x'", 'watches'],
  ['accept: Too many open files', 'descriptors'],
  ['sh: 1: cannot open x: No file descriptors available', 'descriptors'],
  ['open: Too many open files in system', 'machine descriptors'],
  ['cat: x: Cannot allocate memory', 'memory'],
  ["terminate called after throwing an instance of 'std::bad_alloc'", 'memory'],
  ["failed to start: result 'oom-kill', killed by signal 9", 'memory'],
])("a shortage is recognized in a program's output: %s", (said, sign) => {
  expect(spotWords(`something before\n${said}\nand after`)).toBe(sign)
})

test.each([
  'flock: 3: Resource temporarily unavailable',
  'read error: Resource temporarily unavailable',
  '/srv/fork/read.sh: read error: Resource temporarily unavailable',
  'OOM command not allowed when used memory > maxmemory',
  'Out of memory command',
  'listening on 389',
  'fork me on GitHub',
])('no shortage is recognized in: %s', (said) => {
  expect(spotWords(said)).toBe(undefined)
})

const system = (code: string, syscall: string, message = `${code}: ${syscall}`) =>
  Object.assign(new Error(message), { code, syscall })

test.each([
  [system('EMFILE', 'open'), 'descriptors'],
  [system('EMFILE', 'watch'), 'opening'],
  [system('ENFILE', 'socket'), 'machine descriptors'],
  [system('EAGAIN', 'spawn sh'), 'processes'],
  [system('EAGAIN', 'read'), undefined],
  [system('ENOMEM', 'mmap'), 'memory'],
  [system('ENOSPC', 'write'), 'space'],
  [system('ENOSPC', 'watch'), 'watches'],
  [system('ENOSPC', 'unshare'), 'namespaces'],
  [system('EDQUOT', 'write'), 'quota'],
  [system('EADDRNOTAVAIL', 'connect'), 'ports'],
  [system('EADDRNOTAVAIL', 'bind'), undefined],
  [system('ENOENT', 'spawn sh'), undefined],
])('a shortage is recognized in a system error: %s', (error, sign) => {
  expect(spotError(error)).toBe(sign)
  const told = new ClusterError({ code: 'BUS_LOST', message: 'lost' }, { cause: error })
  expect(spotError(new Error('outer', { cause: told }))).toBe(sign)
  expect(spotError(new AggregateError([new Error('other'), error]))).toBe(sign)
})
