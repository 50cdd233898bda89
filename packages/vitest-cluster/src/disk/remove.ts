import { rm } from 'node:fs/promises'
import { execa } from 'execa'
import { errnoOf } from '../errors.ts'

/**
 * Removes what is at a path with all that is in it, however deep: Node's `rm` names each file by its whole path, of which
 * Linux takes 4,095 bytes, and rm(1) goes down by descriptors. Nothing happens where there is nothing.
 * @throws a Node system error, or an Error with the words of rm(1)
 */
export async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    // What is another uid's is no more rm(1)'s to remove; of the rest it says why better than Node, and goes on
    if (errnoOf(error) === 'EACCES') throw error
    const { failed, stderr } = await execa('rm', ['-rf', '--one-file-system', '--', path], {
      reject: false,
    })
    if (failed) throw new Error(stderr.split('\n')[0] || 'rm failed', { cause: error })
  }
}
