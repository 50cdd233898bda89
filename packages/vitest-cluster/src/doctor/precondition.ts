import type { ToolId } from '../machine/tools.ts'
import type { Fix } from './fix.ts'

/** What needs a precondition. `limits`: `MemoryMax` and `TasksMax`; `own network`: `network: 'private'` of a booted tree. */
export type Need =
  | 'session'
  | 'user manager'
  | 'private manager'
  | `isolation:${'chroot' | 'range' | 'boot' | 'nspawn'}`
  | 'own network'
  | 'trees'
  | 'limits'
  | `service:${string}`

/** A stable id for each precondition, for scripts and tests. */
export type PreconditionId =
  | 'nested-session'
  | 'systemd-version'
  | 'reaper'
  | 'runtime-directory'
  | 'user-manager'
  | 'user-bus'
  | 'linger'
  | 'cgroup2'
  | 'cgroup-delegation'
  | 'cgroup-controllers'
  | 'user-namespaces'
  | 'apparmor-userns'
  | 'mounts'
  | ToolId
  | 'newuidmap'
  | 'subuid-range'
  | 'tun-device'
  | 'mmdebstrap'
  | 'nss-systemd'
  | 'session-directory'
  | 'disk-space'
  | 'stale-sessions'
  | `program:${string}`
  | `library:${string}`

/**
 * - `ok`: the precondition is met.
 * - `missing`: nothing in `neededFor` works until it is fixed.
 * - `warning`: everything works now, but may fail later, or has a limitation.
 * - `unneeded`: missing, but nothing that this user can run on this machine would use it.
 */
export type PreconditionStatus = 'ok' | 'missing' | 'warning' | 'unneeded'

/** One requirement of a machine, and whether it is met. Plain data. */
export interface Precondition {
  /** A stable word that scripts and tests may compare. */
  readonly id: PreconditionId
  /** What it is, and its purpose, in one line. */
  readonly what: string
  /** What the check found, in words. */
  readonly found: string
  /** Whether it is met. */
  readonly status: PreconditionStatus
  /** Contains `session` if no session opens on this machine without it. */
  readonly neededFor: readonly Need[]
  /** How to fix it; always set if the status is `missing`. */
  readonly fix?: Fix
}
