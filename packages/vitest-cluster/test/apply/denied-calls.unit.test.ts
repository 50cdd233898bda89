import { expect, test } from 'vitest'
import { unknownCalls } from '../../src/apply/denied-calls.ts'

// As systemd 252 answers for the first list of the last test
const HAS = ['kexec_load:EPERM', 'mount', 'reboot:EIO', 'setgroups:0', 'swapon:kill', 'umount2']

test('what systemd has under another error number is known', () => {
  expect(unknownCalls(['setgroups:0', 'reboot:5', 'swapon:kill', 'kexec_load'], HAS)).toEqual([])
})

test('a group is known by one of its calls', () => {
  expect(unknownCalls(['@mount', '@mount:EPERM', '@reboot', '@swap'], HAS)).toEqual([])
  expect(unknownCalls(['@module', '@keyring:1'], HAS)).toEqual(['@module', '@keyring:1'])
})

test('what is not in the answer is not known, nor is what every object has', () => {
  const wanted = ['setgroup:0', 'constructor', 'mount']
  expect(unknownCalls(wanted, HAS)).toEqual(['setgroup:0', 'constructor'])
  expect(unknownCalls(['mount'])).toEqual(['mount'])
})
