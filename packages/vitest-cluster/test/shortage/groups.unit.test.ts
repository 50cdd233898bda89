import { expect, test } from 'vitest'
import { placeOf } from '../../src/shortage/groups.ts'

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n'
const V1 = `31 23 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
32 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
33 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`

test('on version 2 all controllers are in one directory', () => {
  expect(placeOf('pids', '0::/user.slice/x.scope\n', V2)).toEqual({
    directory: '/sys/fs/cgroup/user.slice/x.scope',
    mount: '/sys/fs/cgroup',
  })
})

test('a controller of version 1 is in its own directory', () => {
  const groups = '8:pids:/a\n4:cpu,memory:/b\n0::/c\n'
  expect(placeOf('pids', groups, V1)?.directory).toBe('/sys/fs/cgroup/pids/a')
  expect(placeOf('memory', groups, V1)?.directory).toBe('/sys/fs/cgroup/memory/b')
})

test('a container sees its own group at the mount point', () => {
  const mounted = V2.replace(' / /sys', ' /docker/1 /sys')
  expect(placeOf('pids', '0::/docker/1/below\n', mounted)?.directory).toBe('/sys/fs/cgroup/below')
  expect(placeOf('pids', '0::/\n', mounted)?.directory).toBe('/sys/fs/cgroup')
})

test('without control groups there is no directory', () => {
  expect(placeOf('pids', '', '')).toBe(undefined)
})
