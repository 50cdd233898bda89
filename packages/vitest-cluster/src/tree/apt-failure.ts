import { ClusterError, type ClusterErrorDetails } from '../errors.ts'
import { spotWords } from '../shortage/spot.ts'
import { runFailed } from './build/failure.ts'
import type { RunResult } from './build/step.ts'

interface From {
  readonly suite?: string
  readonly mirror?: string
}

/** What is printed, and what that means. The first that fits is told: later lines are what it led to. */
interface Reading {
  readonly pattern: RegExp
  error(match: RegExpExecArray, from: From): Pick<ClusterErrorDetails, 'code' | 'message' | 'mend'>
}

const READINGS: readonly Reading[] = [
  {
    pattern:
      /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate|Couldn't find any package by .*'(\S+)'|Version '(?:[^']+)' for '([^']+)' was not found/,
    error: ([, ...names], { suite }) => {
      const name = names.find(Boolean)
      return {
        code: 'UNKNOWN_PACKAGE',
        message: `there is no package '${name}'${suite ? ` in ${suite}` : ''}`,
        mend: `Look for its name: apt-cache search ${name}\nIt may be in another component of debianTree: components: ['main', 'contrib', …].`,
      }
    },
  },
  {
    pattern: /doesn't have the component '(\S+)'/,
    error: ([, component], { suite }) => ({
      code: 'UNKNOWN_SUITE',
      message: `${suite ?? 'the suite'} has no component '${component}'`,
      mend: "Debian's are main, contrib, non-free and, from bookworm on, non-free-firmware.",
    }),
  },
  {
    // No key, or one that apt's sqv(1) does not take: the words are those of apt 2.6 and of apt 3
    pattern:
      /NO_PUBKEY (\w+)|Missing key (\w+)|unsupported filetype|no keys? found|no keyring is specified/i,
    error: ([, ...keys], { mirror }) => {
      const key = keys.find(Boolean)
      return {
        code: 'TREE_SIGNATURE',
        message: `the archive${from(mirror)} is signed by a key that is not trusted here${key ? `: ${key}` : ''}`,
        mend: "Give debianTree the archive's own keys: keyring: 'FILE.gpg'. For Debian's: sudo apt-get install debian-archive-keyring.",
      }
    },
  },
  {
    pattern: /EXPKEYSIG|KEYEXPIRED|certificate is not live|is expired \(invalid since/i,
    error: (_, { mirror }) => ({
      code: 'TREE_SIGNATURE',
      message: `the signature of the archive${from(mirror)} has expired`,
      mend: 'See that the clock is right: date. An old archive wants its own newer keys (keyring), or is had by snapshot.',
    }),
  },
  {
    pattern: /is not valid yet \(invalid for/i,
    error: (_, { mirror }) => ({
      code: 'TREE_SIGNATURE',
      message: `the archive${from(mirror)} was signed later than it is now on this machine`,
      mend: 'Set the clock: date.',
    }),
  },
  {
    pattern:
      /BADSIG|is not signed|signatures? (?:couldn't|could not|were) |invalid signature|Sub-process .*(?:sqv|gpgv)|Clearsigned file isn't valid/i,
    error: (_, { mirror }) => ({
      code: 'TREE_SIGNATURE',
      message: `the archive${from(mirror)} is not as its owner has signed it: somebody has altered it, or it was not whole when it came`,
      mend: "Run again, or name another mirror: mirror: 'http://…'. It is not used unsigned.",
    }),
  },
  {
    pattern: /does not have a Release file|404 +Not Found.*(?:Release|dists)/i,
    error: (_, { suite, mirror }) => ({
      code: 'UNKNOWN_SUITE',
      message: suite
        ? `there is no suite '${suite}'${from(mirror)}`
        : 'there is no suite that the tree takes packages from',
      mend: "Debian's are bookworm, trixie, forky, sid. See that the mirror has dists/SUITE/.",
    }),
  },
  {
    pattern: /could(?: not|n't) resolve|Temporary failure resolving|Network is unreachable/i,
    error: (_, { mirror }) => ({
      code: 'TREE_UNREACHABLE',
      message: `packages could not be fetched${from(mirror)}: there is no network, or no such host`,
      mend: "See that the mirror can be reached (http_proxy and https_proxy are used), or name another: mirror: 'http://…'.",
    }),
  },
  {
    pattern:
      /Failed to fetch|Connection (?:refused|timed out|failed|reset|closed)|(?:Unable to|Could not) connect|Hash Sum mismatch|unexpected size|Error reading from server/i,
    error: (_, { mirror }) => ({
      code: 'TREE_UNREACHABLE',
      message: `packages could not be fetched${from(mirror)}`,
      mend: "Run again. See that the mirror can be reached (http_proxy and https_proxy are used), or name another: mirror: 'http://…'.",
    }),
  },
]

/** Tells from what apt printed what was wrong, and what to do about it. Pure. */
export function aptFailure(result: RunResult, about: From): ClusterError {
  const said = result.lines.join('\n')
  // What ran out is told with its limit
  if (spotWords(said)) return runFailed('apt-get', result)
  for (const { pattern, error } of READINGS) {
    const match = pattern.exec(said)
    if (match) return new ClusterError({ ...error(match, about), log: complaints(result.lines) })
  }
  return runFailed('apt-get', { ...result, lines: complaints(result.lines) })
}

/** How many lines of apt's are shown: each is long. */
const SHOWN = 6
/** What only says that something above failed. */
const NOISE =
  /^E: (?:.*\bfailed: E: )?apt-get .*failed$|^E: (?:mmdebstrap failed|Some index files failed)|main\(\) received/

function complaints(lines: readonly string[]): readonly string[] {
  const found = lines.filter(
    (line) =>
      /^(?:[EW]:|Err:|Error:|dpkg|.*\b(?:error|failed|cannot)\b)/i.test(line) && !NOISE.test(line),
  )
  return (found.length > 0 ? found : lines).slice(-SHOWN)
}

function from(mirror: string | undefined): string {
  return mirror ? ` at ${mirror}` : ''
}
