import { createReadStream } from 'node:fs'
import { bytesOf } from '../../disk/names.ts'
import { errnoOf, isClusterError, messageOf } from '../../errors.ts'
import { runFailed } from '../build/failure.ts'
import type { Build } from '../build/step.ts'
import { broken } from './bad-archive.ts'
import { Members } from './members.ts'
import { scanTar } from './scan.ts'

/** What `tar` does besides: nothing of an archive may depend on the machine that it is unpacked on. */
const TAR = [
  'tar',
  '--extract',
  '--file=-',
  '--numeric-owner',
  '--no-acls',
  '--no-selinux',
  '--warning=no-unknown-keyword',
  '--warning=no-timestamp',
]

/**
 * The extended attributes that root of a user namespace may set (xattr(7), capabilities(7)). Not those of overlayfs: the
 * files get into overlays, where such an attribute would take effect.
 */
export const XATTRS = [
  '--xattrs',
  '--xattrs-include=security.capability',
  '--xattrs-include=user.*',
  '--xattrs-exclude=user.overlay.*',
]

/**
 * Checks all members of a plain tar.
 * @returns the number of members
 * @throws ClusterError `TREE_ARCHIVE` for a member that must not be unpacked, or a broken tar
 */
export async function checkTar(file: string, members: Members): Promise<number> {
  return scanTar(file, (member) => members.add(member)).catch((error: unknown) => {
    // A system error is not a fault of the archive
    throw isClusterError(error) || errnoOf(error) ? error : broken(messageOf(error), error)
  })
}

/**
 * Unpacks a checked tar as the files of a tree.
 * @param below the directory of the archive that is the tree; the archive itself by default
 */
export async function unpackTree(
  build: Build,
  file: string,
  { layer, below }: { readonly layer: boolean; readonly below?: string | undefined },
): Promise<void> {
  // Without /dev: units have their own
  const devices = below === undefined ? 'dev/*' : `${below}/dev/*`
  const argv = [...TAR, ...XATTRS, '--anchored', `--exclude=${devices}`, `--exclude=./${devices}`]
  if (layer) argv.push('--no-anchored', '--exclude=.wh.*')
  argv.push('--preserve-permissions')
  argv.push(build.uids === 'many' ? '--same-owner' : '--no-same-owner')
  await unpack(build, file, build.root, argv)
  if (below === undefined) return
  const move = `mv ${build.root} outer && mv "outer/$0" ${build.root}`
  const moved = await build.onHost(['sh', '-c', move, below])
  if (moved.exitCode !== 0) throw runFailed('mv', moved)
}

/** Unpacks a checked tar as files that this process reads. */
export async function unpackFiles(build: Build, file: string, directory: string): Promise<void> {
  const argv = [...TAR, '--no-xattrs', '--no-same-owner', '--no-same-permissions']
  await unpack(build, file, directory, argv)
}

/** Removes files of the tree, in the given order: an earlier path may be a symbolic link on the way of a later one. */
export async function removeFiles(build: Build, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  const argv = ['sh', 'confined.sh', build.root, 'xargs', '--null', 'rm', '-rf', '--']
  const input = bytesOf(paths.map((path) => `./${path}\0`).join(''))
  const result = await build.onHost(argv, { input })
  if (result.exitCode !== 0) throw runFailed('rm', result)
}

async function unpack(
  build: Build,
  file: string,
  directory: string,
  argv: readonly string[],
): Promise<void> {
  const input = createReadStream(file)
  const result = await build.onHost(['sh', 'confined.sh', directory, ...argv], { input })
  if (result.exitCode !== 0) throw runFailed('tar', result)
}

/** Checks the members of a tar that is a whole tree, or the outer archive of an image. */
export function membersOf(build: Build, { layered }: { readonly layered: boolean }): Members {
  // With one uid owners are not restored
  return new Members({ checkOwner: build.uids === 'many', layered })
}
