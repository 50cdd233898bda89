import { expect, test } from 'vitest'
import { BY_FILES, BY_SERVER, both, IN_TREE, inTree, LOOKS, lookUp } from '../helpers/names.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

test("names are looked up as on the host with dns: 'host', and by default only in files", async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  // The name server answers, and is not asked by default. A tree may have no /etc/resolv.conf
  const found = await lookUp([
    { dns: 'host', looks: LOOKS },
    { looks: LOOKS },
    await inTree('nothing'),
    await inTree('a link of systemd-resolved'),
  ])
  expect(found).toEqual([both(BY_SERVER + BY_FILES), both(BY_FILES), both(IN_TREE), both(IN_TREE)])
})
