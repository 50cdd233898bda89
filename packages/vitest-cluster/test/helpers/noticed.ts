import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'

/** Resolves when looking throws an error with this code; a session notes what died in its status directory. */
export async function noticed(status: string, look: () => unknown, code: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const check = () => {
    try {
      look()
    } catch (error) {
      if ((error as { code?: string }).code === code) resolve()
    }
  }
  const watcher = watch(existsSync(status) ? status : dirname(status), check)
  check()
  await promise
  watcher.close()
}
