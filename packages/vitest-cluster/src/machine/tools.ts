import { findProgram } from './programs.ts'

/** The packages that have a program. */
export interface Packages {
  readonly debian?: string | undefined
  readonly fedora?: string | undefined
  readonly arch?: string | undefined
}

/** The words for those preconditions that are programs which the library itself runs. */
export type ToolId =
  | 'flock'
  | 'mount'
  | 'unshare'
  | 'setpriv'
  | 'systemd'
  | 'dbus-daemon'
  | 'systemd-stdio-bridge'
  | 'nspawn'
  | 'pasta'

/** A program that the library itself runs. */
export interface Tool extends Packages {
  readonly id: ToolId
  readonly what: string
  /** Any of these will do. A bare name is looked up in `PATH`. */
  readonly names: readonly string[]
}

const UTIL_LINUX = { debian: 'util-linux', fedora: 'util-linux', arch: 'util-linux' }

/** Programs that the keeper of every session needs. */
export const KEEPER: readonly Tool[] = [
  {
    id: 'flock',
    what: 'flock(1), for the lock that a keeper holds while it runs',
    names: ['flock'],
    ...UTIL_LINUX,
  },
]

/** Programs that a private manager needs. */
export const PRIVATE: readonly Tool[] = [
  {
    id: 'unshare',
    what: 'unshare(1), which creates the namespaces of a private manager',
    names: ['unshare'],
    ...UTIL_LINUX,
  },
  {
    id: 'setpriv',
    what: 'setpriv(1), which ends a private manager with its keeper',
    names: ['setpriv'],
    ...UTIL_LINUX,
  },
  {
    id: 'mount',
    what: 'mount(8), for the file systems that a private manager sees',
    names: ['mount'],
    debian: 'mount',
    fedora: 'util-linux',
    arch: 'util-linux',
  },
  {
    id: 'systemd',
    what: "systemd's own program, which runs as the private manager",
    names: ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'],
    debian: 'systemd',
    fedora: 'systemd',
    arch: 'systemd',
  },
  {
    id: 'dbus-daemon',
    what: 'dbus-daemon(1), the bus of a private manager',
    // by a unit of the private manager, in systemd's own search path: the same as a tree's
    names: ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'].map(
      (directory) => `${directory}/dbus-daemon`,
    ),
    debian: 'dbus-daemon',
    fedora: 'dbus-daemon',
    arch: 'dbus',
  },
]

/** The path of a tool; undefined where it is not installed. */
export async function findTool(
  { names }: Pick<Tool, 'names'>,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const directories = (env['PATH'] ?? '').split(':').filter(Boolean)
  for (const name of names) {
    const path = await findProgram(name, directories)
    if (path) return path
  }
  return undefined
}

/** Whether all of these are installed. */
export async function haveTools(tools: readonly Tool[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await Promise.all(tools.map((tool) => findTool(tool, env)))
  return !found.includes(undefined)
}
