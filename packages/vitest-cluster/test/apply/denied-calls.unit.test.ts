import { expect, test } from 'vitest'
import { unknownCalls } from '../../src/apply/denied-calls.ts'

// The answer of systemd 252 for the first list of the last test
const HAS = ['kexec_load:EPERM', 'mount', 'reboot:EIO', 'setgroups:0', 'swapon:kill', 'umount2']

test('a call that systemd reports with another error number is known', () => {
  expect(unknownCalls(['setgroups:0', 'reboot:5', 'swapon:kill', 'kexec_load'], HAS)).toEqual([])
})

test('a group is known if one of its calls is in the answer', () => {
  expect(unknownCalls(['@mount', '@mount:EPERM', '@reboot', '@swap'], HAS)).toEqual([])
  expect(unknownCalls(['@module', '@keyring:1'], HAS)).toEqual(['@module', '@keyring:1'])
})

test('a call that is not in the answer is unknown, also one named like an Object.prototype property', () => {
  const wanted = ['setgroup:0', 'constructor', 'mount']
  expect(unknownCalls(wanted, HAS)).toEqual(['setgroup:0', 'constructor'])
  expect(unknownCalls(['mount'])).toEqual(['mount'])
})
