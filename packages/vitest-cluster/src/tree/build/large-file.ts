import { execa } from 'execa'
import { bytesOf } from '../../disk/names.ts'
import { ClusterError, messageOf } from '../../errors.ts'
import { libexec } from '../../libexec.ts'

/** The digest of a large file of the host, by libexec/tree/large.sh. @throws ClusterError `TREE_FAILED` */
export async function digestHere(path: string): Promise<string> {
  // By xargs(1): a name may contain bytes that Node cannot pass as an argument
  const argv = ['--null', 'sh', libexec('tree/large.sh')]
  const input = bytesOf(`${path}\0`)
  const { stdout } = await execa('xargs', argv, { input }).catch((cause: unknown) => {
    throw new ClusterError(
      {
        code: 'TREE_FAILED',
        message: `cannot compute the digest of a file of 256 MiB or more: ${messageOf(cause)}`,
        fix: 'Check that you may read the file.',
      },
      { cause },
    )
  })
  return stdout.slice(0, stdout.indexOf(' '))
}
