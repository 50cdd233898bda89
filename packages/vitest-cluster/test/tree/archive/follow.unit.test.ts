import { expect, test } from 'vitest'
import { followLinks } from '../../../src/tree/archive/follow.ts'

const LINKS: Readonly<Record<string, string>> = {
  lib: 'usr/lib',
  'usr/lib/up': '..',
  'usr/lib/dots': './/../lib/./x/',
  out: '/tmp',
  climbs: 'usr/../..',
  round: 'round',
  a: 'b/x',
  b: 'a',
}
const follow = (path: string) => followLinks(path.split('/').filter(Boolean), (at) => LINKS[at])

test.for([
  ['', ''],
  ['usr/bin', 'usr/bin'],
  ['lib', 'usr/lib'],
  ['lib/x/y', 'usr/lib/x/y'],
  ['lib/up/bin', 'usr/bin'],
  ['usr/lib/dots/y', 'usr/lib/x/y'],
  // a name that only begins like a link's name
  ['library/lib', 'library/lib'],
] as const)('in the archive %s leads to %s', ([path, place]) => {
  expect(follow(path)).toBe(place)
})

test.for([
  ['out/x', { link: 'out', target: '/tmp', why: 'is absolute' }],
  ['climbs', { link: 'climbs', target: 'usr/../..', why: 'leads out of the tree' }],
  ['round/x', { link: 'round', target: 'round', why: 'leads in a circle' }],
  ['b', { link: 'b', target: 'a', why: 'leads in a circle' }],
] as const)('%s leads out of the archive, with the reason', ([path, way]) => {
  expect(follow(path)).toEqual(way)
})

test('up to 40 links are followed, as in Linux', () => {
  const chain = (length: number) =>
    followLinks(['0'], (at) => (Number(at) < length ? `${Number(at) + 1}` : undefined))
  expect(chain(40)).toBe('40')
  expect(chain(41)).toEqual({ link: '40', target: '41', why: 'leads in a circle' })
})
