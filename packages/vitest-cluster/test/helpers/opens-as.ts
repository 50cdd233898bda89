// Opens a session with an isolation, as an ordinary user if a uid is given, and prints the result.
import { readdir } from 'node:fs/promises'
import { baseDirectory } from '../../src/disk/directories.ts'
import type { IsolationName } from '../../src/index.ts'
import { open } from '../../src/open/attempts.ts'
import { redis } from './services.ts'

const [, , uid, isolation = 'chroot'] = process.argv
if (uid && process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(Number(uid))
  process.setuid?.(Number(uid))
}
const result = await open({
  services: { redis: redis() },
  isolation: isolation as IsolationName,
}).then(
  async (session) => {
    await session.close()
    return { code: undefined, message: '' }
  },
  ({ code, message }: { code: string; message: string }) => ({ code, message }),
)
const left = await readdir(baseDirectory(process.getuid?.() ?? 0)).catch(() => [])
console.log(JSON.stringify({ ...result, left }))
