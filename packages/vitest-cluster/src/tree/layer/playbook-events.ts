/** What libexec/ansible/callback.py says, and booted/run.sh, one JSON object a line. */
export type PlaybookEvent =
  | { readonly event: BootEvent }
  /** It failed, and the tree has no Python that modules can run with (libexec/ansible/python.sh). */
  | { readonly event: 'no-python' }
  | { readonly event: 'play'; readonly name: string; readonly hosts: string }
  /** The play just begun is for no host of the inventory. */
  | { readonly event: 'unmatched' }
  | ({ readonly event: 'task' } & Task)
  /** The task would have started or stopped a service, and has not. */
  | ({ readonly event: 'idle' } & Task)
  | ({
      readonly event: 'ok' | 'skipped' | 'failed' | 'ignored' | 'item'
      readonly changed: boolean
      readonly warnings: readonly string[]
    } & Task &
      Output)
  | { readonly event: 'recap'; readonly hosts: Readonly<Record<string, unknown>> }

/** How it goes with a tree that is booted; what follows `journal` are lines about what failed in it. */
export type BootEvent = 'booting' | 'booted' | 'journal' | BootFailure

export type BootFailure = 'no-systemd' | 'boot-ended' | 'boot-late' | 'gone' | 'poweroff-late'

export interface Task {
  readonly role: string
  readonly name: string
  /** Without its collection: `apt`. */
  readonly module: string
  /** `FILE:LINE`. */
  readonly path: string
}

/** What a module gave back; absent where it is empty. */
export interface Output {
  readonly msg?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly module_stdout?: string
  readonly module_stderr?: string
  readonly reason?: string
  readonly censored?: string
  /** Of a loop. */
  readonly item?: string
}

/** What was said, or undefined for a line that is something else. */
export function parseEvent(line: string): PlaybookEvent | undefined {
  if (!line.startsWith('{"event": "')) return undefined
  try {
    return JSON.parse(line) as PlaybookEvent
  } catch {
    return undefined
  }
}

/** `slapd : write the configuration`, as Ansible prints it. */
export function titleOf({ role, name }: Task): string {
  return role ? `${role} : ${name}` : name
}
