/** A repository that other uids cannot enter: root's home directory, or what mktemp(1) made for a clone. */

import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The directories on the way to these paths that only their owners and groups may enter, from the top. */
export function closedOn(paths: readonly string[]): string[] {
  const all = new Set(paths.flatMap((path) => ways(path)))
  return [...all].filter((directory) => (statSync(directory).mode & 0o001) === 0).sort()
}

/** `/root/a/b` -> `/`, `/root`, `/root/a`. */
function ways(path: string): string[] {
  const above = dirname(path)
  return above === path ? [path] : [...ways(above), above]
}

/**
 * Shell commands that open directories to other uids, as root of a mount namespace: everything in them keeps its path.
 */
export function opening(directories: readonly string[]): string {
  if (directories.length === 0) return ''
  return [OPEN, ...directories.map((path) => `open '${path.replaceAll("'", "'\\''")}'`)].join('\n')
}

const OPEN = `open() {
  here=$(pwd -P)
  cd -P "$1"
  mount -t tmpfs -o mode=755 tmpfs "$1"
  for entry in * .[!.]* ..?*; do
    if [ -L "$entry" ]; then
      cp -P "$entry" "$1/$entry"
    elif [ -d "$entry" ]; then
      mkdir "$1/$entry"
      mount -c --rbind "$entry" "$1/$entry"
    elif [ -e "$entry" ]; then
      : >"$1/$entry"
      mount -c --bind "$entry" "$1/$entry"
    fi
  done
  cd "$here"
}`
