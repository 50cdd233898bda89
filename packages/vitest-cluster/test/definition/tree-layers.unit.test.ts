import { expect, test } from 'vitest'
import { command, files, packages } from '../../src/definition/tree-layers.ts'
import { refusal } from '../helpers/refusal.ts'

const OWNER = "Write owner: 'user' or 'user:group'."
const OCTAL = 'Write it in octal: mode: 0o644; 0o7777 is the highest.'
const PATH = "Write '/etc/motd'"
const ARGV = "Write command(['make', 'install'])."

test('files() keeps what was given', () => {
  const written = {
    '/etc/motd': 'hello\n',
    '/etc/...': '',
    '/a b': { content: new Uint8Array([1]), mode: 0 },
    '/c': { from: 'c', mode: 0o7777, owner: 'www-data' },
    '/d': { content: '', owner: '0:_x.y-z' },
  }
  expect(files(written)).toEqual({ kind: 'files', files: written })
})

test('packages() sorts packages and removes duplicates', () => {
  expect(packages(['b', 'a', 'b'])).toEqual({ kind: 'packages', packages: ['a', 'b'] })
})

test('a command has no network and no inputs by default', () => {
  const argv = ['make', '']
  expect(command(argv)).toEqual({ kind: 'command', argv, inputs: [], network: false, env: {} })
  const options = { inputs: ['src'], network: true, env: { A: 'b' } }
  expect(command(argv, options)).toEqual({ kind: 'command', argv, ...options })
})

test.for([
  [() => files({ '/': 'x' }), 'a key of files is "/", which is the root directory', PATH],
  [() => files({ 'etc/x': 'x' }), 'a key of files is "etc/x", which does not begin with /', PATH],
  [() => files({ '/etc/../x': 'x' }), 'a key of files is "/etc/../x", which has .. in it', PATH],
  [
    () => files({ '/etc/x\0': 'x' }),
    'a key of files is "/etc/x\\u0000", which has a NUL character',
    PATH,
  ],
  [
    () => files({ '/x': {} as never }),
    'files["/x"] has neither content nor from',
    "Write 'text', { content: 'text', mode: 0o755 } or { from: 'file' }.",
  ],
  [
    () => files({ '/x': null as never }),
    'files["/x"] is null, which is not an object',
    "Write 'text', { content: 'text', mode: 0o755 } or { from: 'file' }.",
  ],
  [
    () => files({ '/x': 7 as never }),
    'files["/x"] is 7, which is not an object',
    "Write 'text', { content: 'text', mode: 0o755 } or { from: 'file' }.",
  ],
  [
    () => files({ '/x': { content: '', mode: -1 } }),
    'files["/x"].mode is -1, which is not a file mode',
    OCTAL,
  ],
  [
    () => files({ '/x': { content: '', mode: 0o10000 } }),
    'files["/x"].mode is 4096, which is not a file mode',
    OCTAL,
  ],
  [
    () => files({ '/x': { from: 'x', mode: '0644' as never } }),
    'files["/x"].mode is "0644", which is not a file mode',
    OCTAL,
  ],
  [
    () => files({ '/x': { from: 'x', mode: 6.44 } }),
    'files["/x"].mode is 6.44, which is not a file mode',
    OCTAL,
  ],
  [
    () => files({ '/x': { content: '', owner: '' } }),
    'files["/x"].owner is "", which is not the name of an owner',
    OWNER,
  ],
  [
    () => files({ '/x': { content: '', owner: 'a:' } }),
    'files["/x"].owner is "a:", which is not the name of an owner',
    OWNER,
  ],
  [
    () => files({ '/x': { content: '', owner: 'a:b:c' } }),
    'files["/x"].owner is "a:b:c", which is not the name of an owner',
    OWNER,
  ],
  [
    () => files({ '/x': { content: '', owner: '-a' } }),
    'files["/x"].owner is "-a", which is not the name of an owner',
    OWNER,
  ],
  [
    () => files({ '/x': { content: '', owner: 'a b' } }),
    'files["/x"].owner is "a b", which is not the name of an owner',
    OWNER,
  ],
  [() => packages([]), 'packages is empty', "Write packages(['slapd'])."],
  [
    () => packages(['-y']),
    'packages[0] is "-y", which is not the name of a package',
    'Write packages:',
  ],
  [() => command([]), 'command: argv is empty', ARGV],
  [
    () => command('make install' as never),
    'command: argv is "make install", which is not an array',
    ARGV,
  ],
  [() => command(['make', 2] as never), 'command: argv[1] is 2, which is not a string', ARGV],
  [() => command(undefined as never), 'command: argv is missing', ARGV],
] as const)('an invalid layer is refused: %#', ([define, message, fix]) => {
  expect(refusal(define)).toEqual({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(message),
    fix: expect.stringContaining(fix),
  })
})
