import { describe, expect, test } from 'vitest'
import { judgeControllers } from '../../src/doctor/checks/cgroups.ts'
import { judgeRoom } from '../../src/doctor/checks/disk.ts'
import { judgeVersion } from '../../src/doctor/checks/systemd.ts'
import { judgeRoot } from '../../src/doctor/checks/uid-range.ts'
import { judge } from '../../src/doctor/examine.ts'
import { obstacle, statusField } from '../../src/doctor/obstacle.ts'
import { systemdVersion } from '../../src/doctor/probe.ts'
import { firstRange, freeStart, parseRanges } from '../../src/machine/subordinate.ts'
import { distributionOf } from '../../src/machine/system.ts'

test.for([
  ['Debian', 'ID=debian\nVERSION_ID="12"\n', 'debian'],
  ['Ubuntu', 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', 'debian'],
  ['Linux Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
  ['Fedora', 'ID=fedora\nVARIANT_ID=server\n', 'fedora'],
  ['RHEL 9', 'ID="rhel"\nID_LIKE="fedora"\n', 'fedora'],
  ['Rocky', "ID='rocky'\nID_LIKE='rhel centos fedora'\n", 'fedora'],
  ['Arch', 'ID=arch\nBUILD_ID=rolling\n', 'arch'],
  ['Manjaro', 'ID=manjaro\nID_LIKE=arch\n', 'arch'],
  ['NixOS', 'ID=nixos\nHOME_URL="https://debian.org/"\n', undefined],
  ['nothing', '', undefined],
] as const)('the distribution is read from the os-release of %s', ([, text, family]) => {
  expect(distributionOf(text)).toBe(family)
})

test.for([
  ['systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT', 252, 'ok'],
  ['systemd 257 (257.9-1~deb13u1)\n', 257, 'ok'],
  ['systemd 249 (249.11-0ubuntu3.16)\n', 249, 'missing'],
  ['', undefined, 'missing'],
] as const)("systemd's version is read from: %s", ([text, version, status]) => {
  expect(systemdVersion(text)).toBe(version)
  expect(judgeVersion(systemdVersion(text))).toMatchObject({ status })
})

describe('subordinate ids', () => {
  const text = '# a comment\nalice:100000:65536\n1000:165536:1000\ndev:300000:65536\nbroken:x:1\n'
  const ranges = parseRanges(text)

  test('invalid lines are ignored', () => {
    expect(ranges.map(({ owner }) => owner)).toEqual(['alice', '1000', 'dev'])
  })

  test("a user's first range counts, by name or by number", () => {
    expect(firstRange(ranges, 'dev', 1000)).toEqual({ owner: '1000', first: 165_536, count: 1000 })
    expect(firstRange(ranges, 'dev', 1001)).toEqual({ owner: 'dev', first: 300_000, count: 65_536 })
    expect(firstRange(ranges, 'bob', 1002)).toBeUndefined()
  })

  test('a new range begins above all others', () => {
    expect(freeStart(ranges)).toBe(365_536)
    expect(freeStart([])).toBe(100_000)
  })

  test('root needs none, unless it is root of a user namespace without enough uids', () => {
    expect(judgeRoot('         0          0 4294967295\n').status).toBe('unneeded')
    expect(judgeRoot('         0     100000      65536\n')).toMatchObject({
      status: 'missing',
      found: 'root of this process is in a user namespace with only 65536 uids',
    })
  })
})

describe('the reason why user namespaces are forbidden', () => {
  const denied = 'unshare: write failed /proc/self/uid_map: Operation not permitted'

  test.for([
    // Ubuntu 24.04 by default: unshare fails to write the map, since the new namespace has no capabilities
    [
      { apparmor: '1', clone: '1', max: '127235' },
      'kernel.apparmor_restrict_unprivileged_userns=0',
    ],
    [{ clone: '0', max: '127235' }, 'kernel.unprivileged_userns_clone=1'],
    [{ apparmor: '1', max: '0' }, 'user.max_user_namespaces=15000'],
  ] as const)('is found among these settings: %o', ([restrictions, setting]) => {
    const { found, fix } = obstacle(restrictions, denied)
    expect(found).toContain('forbidden (')
    expect(found).toContain(denied)
    expect(fix).toMatchObject({
      all: [
        `sudo sysctl ${setting}`,
        `echo ${setting} | sudo tee /etc/sysctl.d/60-vitest-cluster.conf`,
      ],
      container: [expect.stringContaining(`sudo sysctl ${setting}`)],
    })
  })

  test('is the seccomp filter of a container', () => {
    const { found, fix } = obstacle(
      { apparmor: '0', clone: '1', max: '127235', seccomp: '2' },
      'unshare: unshare failed: Operation not permitted',
    )
    expect(found).toContain('a seccomp filter')
    expect(JSON.stringify(fix)).toContain('--security-opt seccomp=unconfined')
  })

  test('is the limit of namespaces', () => {
    const { found } = obstacle({ max: '100' }, 'unshare: unshare failed: No space left on device')
    expect(found).toContain('the limit of namespaces, or of their nesting, is reached')
  })

  test('is read from fields of /proc/self/status', () => {
    expect(statusField('NoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n', 'Seccomp')).toBe('2')
    expect(statusField('NoNewPrivs:\t1\n', 'Seccomp')).toBeUndefined()
  })
})

test('controllers that are not delegated are a warning: their limits have no effect', () => {
  expect(judgeControllers('/x', 'cpuset cpu io memory pids\n', true).status).toBe('ok')
  const finding = judgeControllers('/x', 'pids\n', false)
  expect(finding).toMatchObject({ status: 'warning' })
  expect(finding.found).toContain('/x lacks memory')
})

test('free space on the disks is judged by thresholds', () => {
  const mib = 1024 ** 2
  expect(judgeRoom('/tmp', 5000 * mib, '/c', 5000 * mib).status).toBe('ok')
  expect(judgeRoom('/tmp', 5000 * mib, '/c', 100 * mib).status).toBe('warning')
  expect(judgeRoom('/tmp', mib / 2, '/c', 5000 * mib)).toMatchObject({
    status: 'missing',
    found: '524 kB in /tmp, 5.2 GB in /c',
  })
})

describe('a missing precondition counts only if it is needed', () => {
  const fix = { all: ['x'] }
  const missing = { status: 'missing', found: 'none', fix } as const
  const one = { id: 'user-bus', what: 'it' } as const
  const cases = [
    ['user manager', 'user', 'missing', ['session', 'user manager']],
    ['user manager', 'private', 'unneeded', ['user manager']],
    ['private manager', 'user', 'unneeded', ['private manager']],
    ['private manager', undefined, 'missing', ['session', 'private manager']],
    ['trees', 'private', 'missing', ['trees']],
  ] as const

  test.for(cases)('for the %s, if the manager is %s', ([need, wanted, status, needs]) => {
    const judged = judge({ ...one, neededFor: [need] }, missing, wanted)
    expect(judged).toMatchObject({ status, neededFor: needs })
  })

  test('for an isolation, under every manager', () => {
    const neededFor = ['private manager', 'isolation:boot'] as const
    expect(judge({ ...one, neededFor }, missing, 'user')).toMatchObject({
      status: 'missing',
      neededFor,
    })
  })
})
