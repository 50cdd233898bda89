import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ISOLATIONS, reason } from '../../../../test/support/isolations.ts'
import { openedIn } from '../helpers/opened-in.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const NAMES = ['100%', 'f%2Fx', 'a,b', 'a b', ';', '=', 'b\\s', '$x', 'c:d', 'ä', '%n', '*?[x]']
const MORE = [
  '~',
  '-rf',
  '#x',
  '&',
  '(x)',
  ' ',
  '\\040',
  '%h',
  '{a}',
  '|',
  '`id`',
  '!',
  'end ',
  'e\\',
]

test.for(ISOLATIONS)(
  'a session opens below a TMPDIR with each accepted character, under %s',
  async (isolation, { skip }) => {
    const why = await reason(isolation)
    skip(why !== undefined, why)
    vi.stubEnv('VITEST_CLUSTER_ISOLATION', isolation)
    for (const name of [...NAMES, ...MORE]) {
      const path = join(await temporaryDirectory(), name)
      await mkdir(path)
      vi.stubEnv('VITEST_CLUSTER_ISOLATION', isolation)
      expect(await openedIn(path)).toEqual({ directory: expect.stringContaining(path) })
    }
  },
)
