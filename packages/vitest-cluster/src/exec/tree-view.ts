import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { resolveIn } from '../disk/inside.ts'
import { pathOf, targetOf } from '../disk/names.ts'
import { errnoOf } from '../errors.ts'
import type { ServiceRoot } from '../plan/session-plan.ts'

/** A service's root file system as its programs see it, read from the host. */
export class TreeView {
  readonly root: ServiceRoot

  constructor(root: ServiceRoot) {
    this.root = root
  }

  /** The status of a path; undefined if it does not exist. */
  stat(path: string): Stats | undefined {
    const resolved = this.resolve(path)
    if (resolved === undefined) return undefined
    return look(this.place(resolved).path)
  }

  /** A path with the tree's links followed; parts that do not exist stay. Undefined for a circle of links. */
  resolve(path: string): string | undefined {
    const resolved = resolveIn(path, (relative) => {
      const { path: onHost } = this.place(`/${relative}`)
      const stat = look(onHost)
      return stat?.isSymbolicLink() ? targetOf(onHost) : undefined
    })
    return resolved === undefined ? undefined : `/${resolved}`
  }

  /** The path on the host of a path of the tree, and a parent of it in which only the run can create links. */
  place(path: string): { readonly path: string; readonly below: string } {
    const { directory, mounts, tree } = this.root
    const shown = mounts.findLast(({ target }) => path === target || path.startsWith(`${target}/`))
    if (!shown || shown.source.startsWith(`${directory}/`))
      return { path: join(directory, path), below: directory }
    // The host sees a tree that the session's own manager mounts only in the cache
    const isSeen = look(shown.source) !== undefined
    if (!isSeen) return { path: join(tree, path), below: tree }
    return { path: join(shown.source, path.slice(shown.target.length)), below: shown.source }
  }
}

/** The status of a path of the host; undefined if it does not exist. @throws if it is not readable */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(pathOf(path), { throwIfNoEntry: false })
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
