import { watch } from 'node:fs'

/**
 * Resolves when the call throws an error with one of these codes; a session notes services that end in its status
 * directory.
 */
export async function noticed(
  status: string,
  look: () => unknown,
  ...codes: string[]
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const seen = () => {
    try {
      look()
      return false
    } catch (error) {
      return codes.includes(String((error as { code?: string }).code))
    }
  }
  if (seen()) return
  // The directory may be removed at any moment: inotify(7) reports that, and there is nothing to watch afterwards
  const watcher = watch(status, () => void (seen() && resolve()))
  if (seen()) resolve()
  await promise
  watcher.close()
}
