import { expect, test } from 'vitest'
import { type PlaybookOptions, playbook } from '../../src/definition/tree-playbook.ts'
import { refusal } from '../helpers/refusal.ts'

const OURS = 'The library makes the inventory, of one host'
const GROUPS = 'Use letters, digits and _, such as groups:'
const JSON_ONLY = 'Use texts, numbers, booleans, null, lists and objects of them.'
const REACHED = 'The library says how the tree is reached; leave it out.'

test('a playbook needs its path only', () => {
  expect(playbook('site.yml')).toEqual({
    ...{ kind: 'playbook', playbook: 'site.yml', groups: [], inputs: [] },
    ...{ hostVars: {}, extraVars: {}, network: false, booted: false },
  })
})

test('what it may be told is kept; lists are sets', () => {
  const vars = {
    a: [1, { b: null }],
    _c9: 'x',
    d: true,
    ansible_become: false,
    my_ansible_host: 1,
    ansible_host_key: 1,
  }
  const options: PlaybookOptions = {
    inventory: { groups: ['b', '_a', 'b'], vars },
    ...{ extraVars: { e: 1.5 }, inputs: ['y', 'x', 'y'], network: true, booted: true },
  }
  expect(playbook('site.yml', options)).toEqual({
    ...{ kind: 'playbook', playbook: 'site.yml', groups: ['b', '_a'], inputs: ['y', 'x'] },
    ...{ hostVars: vars, extraVars: { e: 1.5 }, network: true, booted: true },
  })
})

test.for([
  [undefined, 'playbook: undefined is no path'],
  ['', 'playbook: "" is no path'],
  ['a\0', 'playbook: "a\\u0000" is no path'],
  [7, 'playbook: 7 is no path'],
] as const)('%j is no path', ([path, message]) => {
  const fix = "Write playbook('site.yml')."
  expect(refusal(() => playbook(path as never))).toEqual({
    code: 'INVALID_DEFINITION',
    message,
    fix,
  })
})

test.for([
  [
    { extra: 1 },
    'there is no option "extra"',
    'There are inventory, extraVars, inputs, network, booted.',
  ],
  [{ inventory: 'hosts' }, 'inventory is "hosts"', OURS],
  [{ inventory: [] }, 'inventory is []', OURS],
  [{ inventory: null }, 'inventory is null', OURS],
  [{ inventory: { hosts: [] } }, 'the inventory has "hosts"', OURS],
  [{ inventory: { groups: 'web' } }, 'the inventory has groups: "web"', GROUPS],
  [{ inventory: { groups: ['a', 'web-1'] } }, 'the inventory has groups: ["a","web-1"]', GROUPS],
  [{ inventory: { groups: ['1a'] } }, 'the inventory has groups: ["1a"]', GROUPS],
  [{ inventory: { groups: ['tree'] } }, 'the inventory has groups: ["tree"]', GROUPS],
  [{ inventory: { groups: ['ungrouped'] } }, 'the inventory has groups: ["ungrouped"]', GROUPS],
  [{ inventory: { groups: [7] } }, 'the inventory has groups: [7]', GROUPS],
  [
    { inventory: { vars: 'x' } },
    'inventory: { vars: "x" } are no variables',
    "Write inventory: { vars: { ldap_suffix: 'dc=example' } }.",
  ],
  [{ inventory: { vars: { ansible_host: 'x' } } }, 'inventory: { vars has "ansible_host"', REACHED],
  [
    { extraVars: null },
    'extraVars: null are no variables',
    "Write extraVars: { ldap_suffix: 'dc=example' }.",
  ],
  [{ extraVars: ['a'] }, 'extraVars: ["a"] are no variables', 'Write extraVars:'],
  [
    { extraVars: { 'a-b': 1 } },
    'extraVars has "a-b"',
    'Names of variables have letters, digits and _.',
  ],
  [{ extraVars: { ansible_connection: 1 } }, 'extraVars has "ansible_connection"', REACHED],
  [{ extraVars: { ansible_user: 1 } }, 'extraVars has "ansible_user"', REACHED],
  [
    { extraVars: { ansible_python_interpreter: 1 } },
    'extraVars has "ansible_python_interpreter"',
    REACHED,
  ],
  [{ extraVars: { a: undefined } }, 'extraVars has a with a value that JSON has not', JSON_ONLY],
  [{ extraVars: { a: new Date() } }, 'extraVars has a with a value that JSON has not', JSON_ONLY],
  [
    { extraVars: { a: [1, Number.NaN] } },
    'extraVars has a with a value that JSON has not',
    JSON_ONLY,
  ],
  [
    { extraVars: { a: { c: 1, b: () => 1 } } },
    'extraVars has a with a value that JSON has not',
    JSON_ONLY,
  ],
  [{ inputs: 'x' }, 'inputs: "x" are no paths', "Write inputs: ['certificates']."],
  [{ inputs: ['x', ''] }, 'inputs: ["x",""] are no paths', "Write inputs: ['certificates']."],
  [{ network: 'yes' }, 'network is "yes"', 'Write network: true, or leave it out.'],
  [{ booted: 1 }, 'booted is 1', 'Write booted: true, or leave it out.'],
] as const)('%j is refused', ([options, message, fix]) => {
  expect(refusal(() => playbook('site.yml', options as never))).toEqual({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(`playbook site.yml: ${message}`),
    fix: expect.stringContaining(fix),
  })
})
