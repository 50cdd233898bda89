import { dirname } from 'node:path'
import { execa } from 'execa'
import { makePath } from '../../disk/modes.ts'
import { quoted } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'

/**
 * Copies a file or directory of the host into a build, by cp(1), which accepts names of any bytes. Symbolic links are copied
 * as links.
 * @throws ClusterError `UNREADABLE_FILE`
 */
export async function copyInput(from: string, to: string): Promise<void> {
  await makePath(dirname(to), 0o755)
  const argv = ['-R', '--no-dereference', '--no-target-directory', '--preserve=mode', '--']
  const { failed, stderr } = await execa('cp', [...argv, from, to], {
    reject: false,
  })
  if (!failed) return
  throw new ClusterError({
    code: 'UNREADABLE_FILE',
    message: `cannot copy ${quoted(from)}: ${(stderr.split('\n')[0] ?? '').slice(-200)}`,
    fix: 'Check that you may read all files, and that no path is longer than 3,500 bytes.',
  })
}
