import { expect, test } from 'vitest'
import { debianBase } from '../../src/definition/tree-debian.ts'
import { refusal } from '../helpers/refusal.ts'

test('debianTree() needs only a suite', () => {
  expect(debianBase({ suite: 'trixie' })).toStrictEqual({
    kind: 'debian',
    suite: 'trixie',
    packages: [],
    components: ['main'],
  })
})

test("debianTree() sorts packages and removes duplicates, and keeps the archive's options", () => {
  const packages = ['slapd', 'g++', 'libc6:arm64', 'bash=5.2-1', 'nano/sid', 'slapd']
  const rest = { components: ['main', 'non-free/debian'], keyring: '/k.gpg' }
  const sorted = ['bash=5.2-1', 'g++', 'libc6:arm64', 'nano/sid', 'slapd']
  for (const where of [
    { mirror: 'https://mirror.example.org/debian' },
    { snapshot: 'file:///srv/debian' },
    { mirror: 'http://x/' },
  ]) {
    expect(debianBase({ suite: 'trixie-backports', packages, ...rest, ...where })).toEqual({
      kind: 'debian',
      suite: 'trixie-backports',
      packages: sorted,
      ...rest,
      ...where,
    })
  }
})

test.for([
  [
    { suite: 'Trixie' },
    'debianTree: suite is "Trixie", which is not the name of a suite',
    "Write suite: 'trixie'.",
  ],
  [
    { suite: '--help' },
    'debianTree: suite is "--help", which is not the name of a suite',
    "Write suite: 'trixie'.",
  ],
  [
    { suite: 'trixie main' },
    'debianTree: suite is "trixie main", which is not the name of a suite',
    "Write suite: 'trixie'.",
  ],
  [
    { packages: 'slapd' },
    'debianTree: packages is "slapd", which is not an array',
    "Write packages: ['slapd'].",
  ],
  [
    { packages: ['nano', '--force-yes'] },
    'debianTree: packages[1] is "--force-yes", which is not the name of a package',
    'Write packages:',
  ],
  [
    { packages: ['nano less'] },
    'debianTree: packages[0] is "nano less", which is not the name of a package',
    'Write packages:',
  ],
  [
    { packages: [7] },
    'debianTree: packages[0] is 7, which is not the name of a package',
    'Write packages:',
  ],
  [{ packages: [undefined] }, 'debianTree: packages[0] is missing', 'Write packages:'],
  [
    { components: ['main', '-x'] },
    'debianTree: components[1] is "-x", which is not a component',
    "Write components: ['main'].",
  ],
  [
    { components: ['main contrib'] },
    'debianTree: components[0] is "main contrib", which is not a component',
    "Write components: ['main'].",
  ],
  [
    { mirror: 'mirror.example.org' },
    'debianTree: mirror is "mirror.example.org", which is not the address of an archive',
    "Write mirror: 'http://…'",
  ],
  [
    { mirror: 'see http://x/' },
    'debianTree: mirror is "see http://x/", which is not the address of an archive',
    "Write mirror: 'http://…'",
  ],
  [
    { snapshot: 'http://x/ y' },
    'debianTree: snapshot is "http://x/ y", which is not the address of an archive',
    "Write snapshot: 'http://…'",
  ],
  [
    { mirror: 'http://x/', snapshot: 'http://y/' },
    'mirror and snapshot exclude each other',
    'Remove one of them.',
  ],
] as const)('%j is refused', ([options, message, fix]) => {
  expect(refusal(() => debianBase({ suite: 'trixie', ...options } as never))).toEqual({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(message),
    fix: expect.stringContaining(fix),
  })
})
