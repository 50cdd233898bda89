import type { ToolId } from '../machine/tools.ts'
import type { Fix } from './fix.ts'

/** What a precondition is for. `limits` are `MemoryMax` and `TasksMax`; `own network` is that of a booted tree. */
export type Need =
  | 'session'
  | 'user manager'
  | 'private manager'
  | `isolation:${'chroot' | 'range' | 'boot' | 'nspawn'}`
  | 'own network'
  | 'trees'
  | 'limits'
  | `service:${string}`

/** A stable word for each precondition, that scripts and tests may compare. */
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

/**
 * - `ok`: as it should be.
 * - `missing`: nothing of `neededFor` works until it is fixed.
 * - `warning`: all works now; something can go wrong later, or holds less than one would think.
 * - `unneeded`: not there, and nothing that this user can do on this machine would use it.
 */
export type PreconditionStatus = 'ok' | 'missing' | 'warning' | 'unneeded'

/** One thing that a machine has to have, and whether it has. Plain data. */
export interface Precondition {
  /** A stable word that scripts and tests may compare. */
  readonly id: PreconditionId
  /** What it is and what for, one line. */
  readonly what: string
  /** What was seen, in words. */
  readonly found: string
  /** Whether it is met. */
  readonly status: PreconditionStatus
  /** With `session` where no session opens on this machine without it. */
  readonly neededFor: readonly Need[]
  /** What brings it; always there where it is missing. */
  readonly fix?: Fix
}
