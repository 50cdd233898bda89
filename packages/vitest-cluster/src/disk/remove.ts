import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { errnoOf } from '../errors.ts'

/**
 * Removes a file or a directory with its contents, of any depth, if it exists. Node's `rm` uses whole paths, of which Linux
 * accepts 4,095 bytes; rm(1) uses descriptors.
 * @throws a Node system error, or an Error with the message of rm(1)
 */
export async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    // rm(1) cannot remove files of another uid either. For other errors it removes what it can, with clearer messages
    if (errnoOf(error) === 'EACCES') throw error
    const { failed, stderr } = await execa('rm', ['-rf', '--one-file-system', '--', path], {
      reject: false,
    })
    if (failed) throw new Error(stderr.split('\n')[0] || 'rm failed', { cause: error })
  }
}
