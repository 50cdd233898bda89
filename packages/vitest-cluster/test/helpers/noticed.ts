import { watch } from 'node:fs'

/** Resolves when looking throws an error with one of these codes; a session notes what died in its status directory. */
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
  // The directory may go at any moment: inotify(7) tells of that too, and there is nothing to watch after it
  const watcher = watch(status, () => void (seen() && resolve()))
  if (seen()) resolve()
  await promise
  watcher.close()
}
