import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Writes a file, 0600, that others may read meanwhile: they see the old text or the new, never a part of it. */
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
