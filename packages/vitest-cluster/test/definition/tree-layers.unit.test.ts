import { expect, test } from 'vitest'
import { command, files, packages } from '../../src/definition/tree-layers.ts'
import { refusal } from '../helpers/refusal.ts'

const OWNER = "Write owner: 'user' or 'user:group'."
const OCTAL = 'Write it in octal: mode: 0o644.'
const PATH = "Write '/etc/motd'"
const ARGV = "Write command(['make', 'install'])."

test('files are what was written', () => {
  const written = {
    '/etc/motd': 'hello\n',
    '/etc/...': '',
    '/a b': { content: new Uint8Array([1]), mode: 0 },
    '/c': { from: 'c', mode: 0o7777, owner: 'www-data' },
    '/d': { content: '', owner: '0:_x.y-z' },
  }
  expect(files(written)).toEqual({ kind: 'files', files: written })
})

test('packages are a set', () => {
  expect(packages(['b', 'a', 'b'])).toEqual({ kind: 'packages', packages: ['a', 'b'] })
})

test('a command has no network and no inputs unless it says so', () => {
  const argv = ['make', '']
  expect(command(argv)).toEqual({ kind: 'command', argv, inputs: [], network: false, env: {} })
  const options = { inputs: ['src'], network: true, env: { A: 'b' } }
  expect(command(argv, options)).toEqual({ kind: 'command', argv, ...options })
})

test.for([
  [() => files({ '/': 'x' }), 'files: "/" would leave the tree', PATH],
  [
    () => files({ 'etc/x': 'x' }),
    'files: "etc/x" would leave the tree, or is no absolute path',
    PATH,
  ],
  [() => files({ '/etc/../x': 'x' }), 'files: "/etc/../x" would leave', PATH],
  [() => files({ '/etc/x\0': 'x' }), 'would leave', PATH],
  [
    () => files({ '/x': {} as never }),
    'files: /x has neither content nor from',
    "Write '/x': 'text'",
  ],
  [
    () => files({ '/x': null as never }),
    'files: /x has neither content nor from',
    "Write '/x': 'text'",
  ],
  [
    () => files({ '/x': 7 as never }),
    'files: /x has neither content nor from',
    "Write '/x': 'text'",
  ],
  [() => files({ '/x': { content: '', mode: -1 } }), 'files: /x has mode -1', OCTAL],
  [() => files({ '/x': { content: '', mode: 0o10000 } }), 'files: /x has mode 4096', OCTAL],
  [() => files({ '/x': { from: 'x', mode: '0644' as never } }), 'files: /x has mode "0644"', OCTAL],
  [() => files({ '/x': { from: 'x', mode: 6.44 } }), 'files: /x has mode 6.44', OCTAL],
  [() => files({ '/x': { content: '', owner: '' } }), 'files: /x has owner ""', OWNER],
  [() => files({ '/x': { content: '', owner: 'a:' } }), 'files: /x has owner "a:"', OWNER],
  [() => files({ '/x': { content: '', owner: 'a:b:c' } }), 'files: /x has owner "a:b:c"', OWNER],
  [() => files({ '/x': { content: '', owner: '-a' } }), 'files: /x has owner "-a"', OWNER],
  [() => files({ '/x': { content: '', owner: 'a b' } }), 'files: /x has owner "a b"', OWNER],
  [() => packages([]), 'packages: the list is empty', "Write packages(['slapd'])."],
  [() => packages(['-y']), 'packages: "-y" is no name of a package', 'Write packages:'],
  [() => command([]), 'command: [] is no program with its arguments', ARGV],
  [() => command('make install' as never), 'command: "make install" is no program', ARGV],
  [() => command(['make', 2] as never), 'command: ["make",2] is no program', ARGV],
  [() => command(undefined as never), 'command: undefined is no program', ARGV],
] as const)('what cannot be made is refused: %#', ([define, message, fix]) => {
  expect(refusal(define)).toEqual({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(message),
    fix: expect.stringContaining(fix),
  })
})
