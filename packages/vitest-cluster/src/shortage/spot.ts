import { isClusterError, messageOf } from '../errors.ts'

/** A sign that a resource has run out. `space` means blocks or inodes, `opening` descriptors or inotify instances. */
export type Sign =
  | 'space'
  | 'quota'
  | 'descriptors'
  | 'opening'
  | 'machine descriptors'
  | 'processes'
  | 'memory'
  | 'namespaces'
  | 'instances'
  | 'watches'
  | 'ports'

/** The most causes of causes that are looked at. */
const DEPTH = 10

/** The sign in a system error (errno(3)): the error or one of its causes. Pure. */
export function spotError(error: unknown, depth = DEPTH): Sign | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined
  const { code, syscall = '' } = error as NodeJS.ErrnoException
  const own = signOf(String(code ?? ''), syscall, error.message)
  if (own) return own
  // Not of a ClusterError: its message quotes other programs, and shortageOf() judges that by its code
  const said = isClusterError(error) ? undefined : spotWords(messageOf(error))
  const others = error instanceof AggregateError ? error.errors : []
  return (
    said ??
    [error.cause, ...others].map((cause) => spotError(cause, depth - 1)).find((sign) => sign)
  )
}

function signOf(code: string, syscall: string, message: string): Sign | undefined {
  switch (code) {
    case 'EMFILE':
      return syscall === 'watch' ? 'opening' : 'descriptors'
    case 'ENFILE':
      return 'machine descriptors'
    case 'ENOSPC':
      if (syscall === 'watch' || /file watchers/.test(message)) return 'watches'
      return /^(?:unshare|clone|setns)/.test(syscall) ? 'namespaces' : 'space'
    case 'EDQUOT':
      return 'quota'
    // For a read it only means that there is no data yet
    case 'EAGAIN':
      return /^(?:spawn|fork|clone)|thread/.test(syscall) || /\bspawn\b/.test(message)
        ? 'processes'
        : undefined
    case 'ERR_WORKER_INIT_FAILED':
      return /EAGAIN/.test(message) ? 'processes' : undefined
    case 'ENOMEM':
    case 'ENOBUFS':
    case 'ERR_WORKER_OUT_OF_MEMORY':
    case 'ERR_MEMORY_ALLOCATION_FAILED':
      return 'memory'
    // For a bind it means that the machine has no such address
    case 'EADDRNOTAVAIL':
      return syscall === 'connect' ? 'ports' : undefined
    default:
      return undefined
  }
}

/**
 * Messages of programs: the C library's text of an errno (strerror(3), of glibc and musl), and texts of single programs.
 * The first pattern that matches a line counts.
 */
const WORDS: readonly { readonly pattern: RegExp; readonly sign: Sign }[] = [
  {
    pattern:
      /inotify.*No space left|No space left.*inotify|inotify watches|number of file watchers/i,
    sign: 'watches',
  },
  {
    pattern:
      /inotify.*(?:Too many open files|No file descriptors)|too many open files, watch\b|inotify instances/i,
    sign: 'instances',
  },
  {
    // unshare(1), bwrap(1), nsenter(1) and systemd, of limits in namespaces(7)
    pattern: /(?:unshare|clone|setns|namespac).*No space left|No space left.*namespace/i,
    sign: 'namespaces',
  },
  { pattern: /Disk quota exceeded|Quota exceeded|\bEDQUOT\b/, sign: 'quota' },
  { pattern: /No space left on device|\bENOSPC\b|enough free space in/i, sign: 'space' },
  { pattern: /Too many open files in system|\bENFILE\b/i, sign: 'machine descriptors' },
  { pattern: /Too many open files|No file descriptors available|\bEMFILE\b/i, sign: 'descriptors' },
  {
    pattern:
      /\b(?:can(?:not|'t)|unable to|could not|failed to) (?:fork|start new thread|create (?:a )?(?:new )?(?:native )?(?:thread|process))|\bspawn \S+ EAGAIN|(?:fork|clone|vfork|spawn|thread|process|exec)\w*\b.*(?:Resource temporarily unavailable|Try again)|pthread_create.*failed/i,
    sign: 'processes',
  },
  {
    pattern:
      /Cannot allocate memory|\bENOMEM\b|\bOut of memory\b(?! command)|std::bad_alloc|^MemoryError|virtual memory exhausted|OutOfMemoryError|result 'oom-kill'|\boom-kill\b|memory exhausted/i,
    sign: 'memory',
  },
]

/** A path may contain words of the patterns: `/home/me/clone/run.sh: No space left on device`. `fork/exec` of Go is not a path. */
const PATHS = /(?<!\S)(?!fork\/exec\b)\S*\/\S*/g

/** The sign in a program's output. The last matching line counts. Pure. */
export function spotWords(said: string): Sign | undefined {
  for (const line of said.split('\n').reverse()) {
    const words = line.replace(PATHS, 'PATH')
    const found = WORDS.find(({ pattern }) => pattern.test(words))
    if (found) return found.sign
  }
  return undefined
}

/** The line with the sign, to be quoted in an error. */
export function sayingLine(said: string): string | undefined {
  return said
    .split('\n')
    .reverse()
    .find((line) => spotWords(line) !== undefined)
    ?.trim()
}
