import { randomUUID } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises'
import { relative } from 'node:path'
import { errnoOf } from '../errors.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

/** The owner of a new file or directory. */
export interface FileOwner {
  readonly uid: number
  readonly gid: number
}

/** A path has a parent that is not a directory, or ends at something other than a regular file: a symbolic link, a FIFO, … */
export class NotFollowed extends Error {}

/**
 * An open directory. All files that services can write are read, written and removed through this class. It opens each
 * name of a path below the open directory before it (openat(2) with O_NOFOLLOW; Node has no such call, but a path below
 * /proc/self/fd/N starts at that directory). So no symbolic link is followed, not even one that appears meanwhile. It
 * does not wait for FIFOs.
 */
export class HeldDirectory {
  readonly #handle: FileHandle

  /** @param path a directory in which only the run can create links, such as a session's directory */
  static async open(path: string): Promise<HeldDirectory> {
    return new HeldDirectory(await openDirectory(path))
  }

  /** Opens the directory at an absolute path at or below such a directory. @throws NotFollowed; a Node system error */
  static async openBelow(place: string, path: string): Promise<HeldDirectory> {
    const held = await HeldDirectory.open(place)
    return held.below(relative(place, path)).finally(() => held.close())
  }

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** The descriptor, for a process that inherits it: /proc/self/fd/N is the directory in that process. */
  get descriptor(): number {
    return this.#handle.fd
  }

  /**
   * Opens the directory at a path below this one; for an empty path, this directory once more.
   * @param make how to create missing directories
   * @throws NotFollowed; a Node system error, such as `ENOENT`
   */
  async below(
    path: string,
    make?: { readonly mode: number; readonly owner?: FileOwner | undefined },
  ): Promise<HeldDirectory> {
    const way = names(path)
    let here = new HeldDirectory(await openDirectory(`/proc/self/fd/${this.#handle.fd}/.`))
    for (const name of way) {
      const there = here.#path(name)
      try {
        const made = make && (await makeDirectory(there, make.mode))
        const next = new HeldDirectory(await openDirectory(there))
        if (made) await own(next.#handle, make.mode, make.owner)
        await here.close()
        here = next
      } catch (error) {
        await here.close()
        throw error
      }
    }
    return here
  }

  /** Opens a regular file in the directory to read. @throws NotFollowed; a Node system error */
  async read(name: string): Promise<FileHandle> {
    const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
    return regular(await open(this.#path(name), flags).catch(unfollowed(name)), name)
  }

  /** Opens a regular file in the directory to read and write. @throws NotFollowed; a Node system error */
  async change(name: string): Promise<FileHandle> {
    const flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK
    return regular(await open(this.#path(name), flags).catch(unfollowed(name)), name)
  }

  /** Creates an empty file. @throws a Node system error: `EEXIST` */
  async create(name: string, mode: number, owner?: FileOwner): Promise<FileHandle> {
    const handle = await open(this.#path(name), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600)
    await own(handle, mode, owner)
    return handle
  }

  /**
   * Opens a FIFO in the directory, and does not wait for its other end. A number: the caller makes a socket of it, which
   * closes it. @throws NotFollowed; a Node system error: `ENXIO` for writing to a FIFO that nobody reads
   */
  fifo(name: string, flags: number): number {
    const fd = openSync(this.#path(name), flags | O_NOFOLLOW | O_NONBLOCK)
    if (fstatSync(fd).isFIFO()) return fd
    closeSync(fd)
    throw new NotFollowed(`${name} is not a FIFO`)
  }

  /** Writes a new file. A file or link with the same name is replaced, and not written to. */
  async write(
    name: string,
    content: string,
    { mode, owner }: { readonly mode: number; readonly owner?: FileOwner | undefined },
  ): Promise<void> {
    const made = `.${randomUUID()}`
    const handle = await this.create(made, mode, owner)
    try {
      await handle.writeFile(content)
      await rename(this.#path(made), this.#path(name))
    } catch (error) {
      await this.remove(made)
      throw error
    } finally {
      await handle.close()
    }
  }

  /** The status of a name in the directory; undefined if it does not exist. Links are not followed. */
  stat(name: string): Promise<Stats | undefined> {
    return lstat(this.#path(name)).catch(() => undefined)
  }

  /** Removes a file or a link in the directory, if it exists. */
  async remove(name: string): Promise<void> {
    await unlink(this.#path(name)).catch(ifGone)
  }

  /** Removes an empty directory in the directory, if it exists. */
  async removeDirectory(name: string): Promise<void> {
    await rmdir(this.#path(name)).catch(ifGone)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  #path(name: string): string {
    return `/proc/self/fd/${this.#handle.fd}/${name}`
  }
}

function names(path: string): string[] {
  const all = path.split('/').filter((name) => name !== '' && name !== '.')
  if (all.includes('..')) throw new NotFollowed(`${path} leaves the directory`)
  return all
}

function openDirectory(path: string): Promise<FileHandle> {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(unfollowed(path))
}

async function makeDirectory(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode })
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Sets owner and mode. The mode is set again, since open(2) applies the umask and chown(2) clears bits. */
async function own(handle: FileHandle, mode: number, owner?: FileOwner): Promise<void> {
  if (owner && owner.uid !== process.getuid?.()) await handle.chown(owner.uid, owner.gid)
  await handle.chmod(mode)
}

async function regular(handle: FileHandle, name: string): Promise<FileHandle> {
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new NotFollowed(`${name} is not a regular file`)
}

/** ELOOP: a link; ENOTDIR: not a directory, or a link to one; ENXIO: a FIFO without a reader, or a socket. */
function unfollowed(path: string) {
  return (error: unknown): never => {
    if (!['ELOOP', 'ENOTDIR', 'ENXIO'].includes(errnoOf(error) ?? '')) throw error
    const name = path.split('/').at(-1)
    throw new NotFollowed(`${name} is a symbolic link, or neither a directory nor a file`, {
      cause: error,
    })
  }
}

function ifGone(error: unknown): void {
  if (errnoOf(error) !== 'ENOENT') throw error
}
