/** A program that has to be in the tree, and the package that has it. */
export interface Program {
  /** A name looked up in the tree's `/usr/bin`, `/usr/sbin`, or an absolute path. */
  readonly name: string
  /** Whether the handle needs the program, on the host and not in the tree. False by default. */
  readonly client?: boolean
  /** The package that has it on Debian and Ubuntu, for the `fix` of an error. */
  readonly debian?: string
  /** The same on Fedora. */
  readonly fedora?: string
  /** The same on Arch. */
  readonly arch?: string
}

/** A file's text, or text with a mode (0600 by default). */
export type FileContent =
  | string
  | {
      /** The file's text. */
      readonly content: string
      /** Permission bits, `0o644`; 0o7777 at most. */
      readonly mode: number
    }
/** Files by their path relative to the service's directory. */
export type Files = Readonly<Record<string, FileContent>>

/**
 * The condition under which a service is ready for connections. Its start job ends then.
 * - `'notify'`: its main process sends `READY=1` (sd_notify(3)).
 * - `'listening'`: one of its own processes listens on each of its ports, for connections to its address.
 * - `{ logLine }`: a line of its log matches this POSIX extended regular expression (grep -E).
 * - `{ exec }`: this command, run in the service's tree until it succeeds.
 * - `'forking'`: its first process exits when it is ready (systemd.service(5), Type=forking).
 * - `'started'`: as soon as the program runs; for services that nobody connects to.
 * - `'exited'`: its program ends with exit status 0; for a one-off job, such as one that creates the tables of a database.
 *   It stays ready afterwards, without a process (systemd.service(5), Type=oneshot with RemainAfterExit=).
 */
export type Ready =
  | 'notify'
  | 'listening'
  | 'forking'
  | 'started'
  | 'exited'
  | {
      /** A POSIX extended regular expression for a line of the service's log. */
      readonly logLine: string
    }
  | {
      /** A program and its arguments; a bare name is looked up in the tree. */
      readonly exec: readonly string[]
    }

/** `one`: all accounts share one uid. `many`: each account has its own uid, so file permissions separate accounts. */
export type Uids = 'one' | 'many'

/** What a service may require of the isolation: accounts with their own uids, or a systemd as PID 1 of the tree. */
export type Need = 'uids' | 'systemd'

/** An account in the tree's passwd(5). */
export interface Account {
  /** The login name. An account that the tree has already keeps its uid. */
  readonly name: string
  /**
   * The uid, from 1 to 65 533; chosen by the session by default. The group of the account's name has the same number,
   * unless `names.groups` of the cluster gives it another gid. Without effect if accounts share one uid.
   */
  readonly uid?: number
  /** Further groups of group(5); made if missing. Every account is in the group `session`, too. */
  readonly groups?: readonly string[]
  /** Home directory in the tree; made if missing. `/home/NAME` by default, or the one that the tree has. */
  readonly home?: string
  /** Login shell; `/bin/sh` by default, or the one that the tree has. */
  readonly shell?: string
}

/** Limits, filters and the restart policy of the unit, with systemd's names (systemd.exec(5), systemd.resource-control(5)). */
export interface UnitOptions {
  /** A deny list: `['setgroups:0']` makes setgroups(2) a success that does nothing. */
  readonly SystemCallDeny?: readonly string[]
  /** Bytes. Enforced only where the memory controller is delegated. */
  readonly MemoryMax?: number
  /** Processes and threads at most. Enforced only where the pids controller is delegated. */
  readonly TasksMax?: number
  /** Open files of each process at most: both limits of RLIMIT_NOFILE. Not more than the manager's own hard limit. */
  readonly LimitNOFILE?: number
  /**
   * The processes whose `READY=1` counts with `ready: 'notify'`, and whose `WATCHDOG=1` counts: the main process, which is the one that systemd started,
   * also after exec; with `all` every process of the unit.
   */
  readonly NotifyAccess?: 'main' | 'exec' | 'all'
  /**
   * When systemd restarts the service by itself (systemd.service(5), Restart=); `no` by default. Not after `stop()`, but
   * after `kill()`. `readyTimeout` limits all attempts of a start together.
   */
  readonly Restart?:
    | 'no'
    | 'on-success'
    | 'on-failure'
    | 'on-abnormal'
    | 'on-watchdog'
    | 'on-abort'
    | 'always'
  /** Seconds, as in a unit file, before systemd restarts the service; 0.1 by default. */
  readonly RestartSec?: number
  /** The service fails when it was started this often within `StartLimitIntervalSec` (systemd.unit(5)); 5 by default. */
  readonly StartLimitBurst?: number
  /** Seconds, as in a unit file; 10 by default, 0 for no limit. */
  readonly StartLimitIntervalSec?: number
  /**
   * Seconds, as in a unit file, within which the main process has to send `WATCHDOG=1` again (sd_notify(3)); otherwise
   * systemd kills the service by SIGABRT. `NotifyAccess` applies. The program finds the time in `WATCHDOG_USEC`.
   */
  readonly WatchdogSec?: number
  /** Whether systemd creates a user while the unit runs. Requires `needs: ['systemd']`. */
  readonly DynamicUser?: boolean
}
