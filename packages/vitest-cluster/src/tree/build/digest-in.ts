import { bytesOf } from '../../disk/names.ts'
import { digestOfLarge, plainDigest, READER } from './content.ts'
import { runFailed } from './failure.ts'
import type { Build } from './step.ts'

/**
 * The digest of a large file, read as root of the build's namespace: it may be closed to whoever runs this.
 * @param path relative to the build's directory
 * @param plain as sha256sum(1) has it
 */
export async function digestIn(
  { onHost }: Pick<Build, 'onHost'>,
  path: string,
  { plain }: { readonly plain: boolean },
): Promise<string> {
  let found = ''
  const result = await onHost(plain ? ['xargs', '--null', 'cat', '--'] : READER, {
    input: bytesOf(`${path}\0`),
    read: async (output) => {
      found = await (plain ? plainDigest : digestOfLarge)(output)
    },
  })
  if (result.exitCode !== 0) throw runFailed('reading a file', result)
  return found
}
