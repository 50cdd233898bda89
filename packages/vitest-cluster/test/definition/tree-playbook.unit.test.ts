import { expect, test } from 'vitest'
import { type PlaybookOptions, playbook } from '../../src/definition/tree-playbook.ts'
import { refusal } from '../helpers/refusal.ts'

const OURS = 'Write an object with groups, vars.'
const GROUPS = 'Use letters, digits and _, such as groups:'
const JSON_ONLY = 'Use strings, numbers, booleans, null, arrays and objects of them.'
const REACHED = 'Remove the variable: it defines how Ansible connects to the tree.'

test('playbook() needs only a path', () => {
  expect(playbook('site.yml')).toEqual({
    ...{ kind: 'playbook', playbook: 'site.yml', groups: [], inputs: [] },
    ...{ hostVars: {}, extraVars: {}, network: false, booted: false },
  })
})

test('playbook() keeps its options, and removes duplicates from lists', () => {
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
  [undefined, 'playbook: path is missing'],
  ['', 'playbook: path is "", which is not a path'],
  ['a\0', 'playbook: path is "a\\u0000", which is not a path'],
  [7, 'playbook: path is 7, which is not a path'],
] as const)('%j is not a path', ([path, message]) => {
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
    'The options are inventory, extraVars, inputs, network, booted.',
  ],
  [{ inventory: 'hosts' }, 'inventory is "hosts"', OURS],
  [{ inventory: [] }, 'inventory is []', OURS],
  [{ inventory: null }, 'inventory is null', OURS],
  [
    { inventory: { hosts: [] } },
    'inventory: there is no option "hosts"',
    'The options are groups, vars.',
  ],
  [{ inventory: { groups: 'web' } }, 'inventory.groups is "web", which is not an array', GROUPS],
  [
    { inventory: { groups: ['a', 'web-1'] } },
    'inventory.groups[1] is "web-1", which is not the name of a group',
    GROUPS,
  ],
  [
    { inventory: { groups: ['1a'] } },
    'inventory.groups[0] is "1a", which is not the name of a group',
    GROUPS,
  ],
  [{ inventory: { groups: ['tree'] } }, 'inventory.groups[0] is "tree"', GROUPS],
  [{ inventory: { groups: ['ungrouped'] } }, 'inventory.groups[0] is "ungrouped"', GROUPS],
  [{ inventory: { groups: [7] } }, 'inventory.groups[0] is 7', GROUPS],
  [
    { inventory: { vars: 'x' } },
    'inventory.vars is "x", which is not an object',
    "Write inventory: { vars: { ldap_suffix: 'dc=example' } }.",
  ],
  [
    { inventory: { vars: { ansible_host: 'x' } } },
    'a key of inventory.vars is "ansible_host", which the library sets',
    REACHED,
  ],
  [
    { extraVars: null },
    'extraVars is null, which is not an object',
    "Write extraVars: { ldap_suffix: 'dc=example' }.",
  ],
  [{ extraVars: ['a'] }, 'extraVars is ["a"], which is not an object', 'Write extraVars:'],
  [
    { extraVars: { 'a-b': 1 } },
    'a key of extraVars is "a-b", which is not the name of a variable',
    'Use letters, digits and _, and do not begin with a digit.',
  ],
  [{ extraVars: { ansible_connection: 1 } }, 'a key of extraVars is "ansible_connection"', REACHED],
  [{ extraVars: { ansible_user: 1 } }, 'a key of extraVars is "ansible_user"', REACHED],
  [
    { extraVars: { ansible_python_interpreter: 1 } },
    'a key of extraVars is "ansible_python_interpreter"',
    REACHED,
  ],
  [{ extraVars: { a: undefined } }, 'extraVars.a is missing', JSON_ONLY],
  [{ extraVars: { a: new Date() } }, 'extraVars.a is ', JSON_ONLY],
  [{ extraVars: { a: [1, Number.NaN] } }, 'extraVars.a is ', JSON_ONLY],
  [{ extraVars: { a: { c: 1, b: () => 1 } } }, 'extraVars.a is ', JSON_ONLY],
  [{ inputs: 'x' }, 'inputs is "x", which is not an array', "Write inputs: ['certificates']."],
  [
    { inputs: ['x', ''] },
    'inputs[1] is "", which is not a path',
    "Write inputs: ['certificates'].",
  ],
  [{ network: 'yes' }, 'network is "yes"', 'Write network: true or network: false.'],
  [{ booted: 1 }, 'booted is 1', 'Write booted: true or booted: false.'],
] as const)('%j is refused', ([options, message, fix]) => {
  expect(refusal(() => playbook('site.yml', options as never))).toEqual({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(`playbook site.yml: ${message}`),
    fix: expect.stringContaining(fix),
  })
})
