import { expect, test } from 'vitest'
import { refusedMend, taskMend } from '../../src/tree/layer/playbook-mends.ts'

/** What programs and ansible-core 2.14 to 2.19 print, and the fix that follows from it for certain. */

const FACTS = { network: false, booted: false, uids: 'many', core: '2.14.18' } as const
const TASK = { role: '', name: 'x', module: 'service', path: 'site.yml:4' }

function mend(said: string, { module = 'command', facts = {}, idle = false } = {}): string {
  return taskMend(module, idle ? [{ event: 'idle', ...TASK }] : [], said, { ...FACTS, ...facts })
}

test.each([
  'Failed to connect to system scope bus via local transport: No such file or directory',
  'Failed to connect to bus: No such file or directory',
  'Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS not defined',
  'Failed to get D-Bus connection: Operation not permitted',
  'Failed to create bus connection: Host is down',
  "System has not been booted with systemd as init system (PID 1). Can't operate.",
  'Failed to connect to socket /run/dbus/system_bus_socket: No such file or directory',
])('no bus: %s', (said) => {
  expect(mend(said)).toBe(
    'The task needs systemd or its bus to run: write booted: true (docs/ansible.md).',
  )
  expect(mend(said, { facts: { booted: true } })).not.toContain('booted')
})

test.each([
  ['Request failed: <urlopen error [Errno 111] Connection refused>', {}],
  ["Can't contact LDAP server (-1)", {}],
  ["ERROR 2002 (HY000): Can't connect to local MySQL server through socket", {}],
  ['Timeout when waiting for 127.0.0.1:389', { module: 'wait_for' }],
  ['whatever, after a service that was not started', { idle: true }],
])('nobody answers: %s', (said, about) => {
  expect(mend(said, about)).toContain(
    '\nServices are not run while a tree is made: with booted: true',
  )
  expect(mend(said, { ...about, facts: { booted: true } })).not.toContain('booted')
})

test.each([
  "[Errno 2] No such file or directory: b'hwclock'",
  '/bin/sh: 1: hwclock: not found',
  'Failed to find required executable "hwclock" in paths: /usr/bin:/bin',
  'bus: no such line',
  'Could not find the requested service nosuch: host',
])('nothing is known for certain: %s', (said) => {
  expect(mend(said)).toBe(
    "Its output says why.\nTasks have no network unless you write network: true.\nOnly the files that the playbook was found to depend on are there: name others, inputs: ['path'].",
  )
})

test('a tree without sudo', () => {
  for (const said of ['/bin/sh: 1: sudo: not found', 'bash: line 1: sudo: command not found'])
    expect(mend(said)).toMatch(
      /^The tree has no sudo: add packages\(\['sudo'\]\) below this layer\./,
    )
})

test('a module that is not there: of ansible-core, of a collection, or of either', () => {
  const said = (name: string) => `couldn't resolve module/action '${name}'. This often indicates a`
  const builtin = refusedMend(said('ansible.builtin.deb822_repository'), FACTS)
  expect(builtin).toContain('ansible-core 2.14.18, without such a module')
  expect(builtin).not.toContain('ollection')
  // Found only when it is included
  expect(mend(said('ansible.builtin.deb822_repository'))).toBe(builtin)
  const theirs = refusedMend(said('community.general.ufw'), FACTS)
  expect(theirs).toMatch(/collections\/ansible_collections/)
  expect(theirs).not.toContain('ansible-core')
  const either = refusedMend(said('deb822_repository'), { ...FACTS, core: undefined })
  expect(either).toContain('This machine has ansible-core, without')
  expect(either).toContain('collections/ansible_collections')
})
