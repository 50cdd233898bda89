import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Writes a file with mode 0600 atomically: readers see the old text or the new text, never a part. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const made = `${path}.${randomUUID()}`
  try {
    await writeFile(made, text, { mode: 0o600, flag: 'wx' })
    await rename(made, path)
  } catch (error) {
    await rm(made, { force: true })
    throw error
  }
}
