import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { command } from '../../src/tree.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

/** Copies what the command sees: its own files in /run are discarded. */
const LOOK = 'cat "$PIP_CERT" >/seen 2>/dev/null || true; echo "<$SSL_CERT_FILE>" >>/seen'

test("a command with network finds the machine's certificates, one without does not", async () => {
  const file = join(await temporaryDirectory(), 'authority.crt')
  await writeFile(file, 'an authority\n', { mode: 0o600 })
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  const seen = async (network: boolean, certificates: string) => {
    vi.stubEnv('SSL_CERT_FILE', certificates)
    // Another key each time
    const env = { OF: certificates }
    const { path } = await cache.build(tree.with(command(['sh', '-c', LOOK], { network, env })))
    return readFile(join(path, 'seen'), 'utf8')
  }
  expect(await seen(true, file)).toBe('an authority\n</run/certificates.crt>\n')
  expect(await seen(false, file)).toBe('<>\n')
  expect(await seen(true, `${file}.missing`)).toBe('<>\n')
  expect(await seen(true, '')).toBe('<>\n')
})
