import { text } from './groups.ts'
import type { Lack } from './lack.ts'

const NAMESPACES = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'] as const

/** Undefined if namespaces are forbidden altogether: doctor/ reports that. */
export function noNamespaces(): Lack | undefined {
  const limits = NAMESPACES.map(
    (kind) => [kind, Number(text(`/proc/sys/user/max_${kind}_namespaces`) ?? Infinity)] as const,
  )
  if (limits.some(([, limit]) => limit === 0)) return undefined
  const least = Math.min(...limits.map(([, limit]) => limit))
  const named = limits.filter(([, limit]) => limit === least).map(([kind]) => kind)
  const settings = named.map((kind) => `user.max_${kind}_namespaces`)
  return {
    code: 'NO_NAMESPACES',
    message: `no more namespaces can be created: each user may have ${least} (${settings.join(', ')})`,
    fix: [
      'lsns                       # lists them; end old sessions: npx vitest-cluster list',
      `sudo sysctl ${settings[0]}=10000`,
    ].join('\n'),
  }
}

export function noInotify(what: 'instances' | 'watches'): Lack {
  const names = [`fs.inotify.max_user_${what}`, `user.max_inotify_${what}`]
  const limits = names.map(
    (name) => [name, Number(text(`/proc/sys/${name.replaceAll('.', '/')}`) ?? Infinity)] as const,
  )
  const [name, limit] = limits.reduce((least, each) => (each[1] < least[1] ? each : least))
  return {
    code: 'NO_INOTIFY',
    message: `no more files can be watched: each user may have ${limit} inotify ${what} (${name})`,
    fix: [
      `sudo sysctl ${name}=${what === 'watches' ? 524_288 : 1024}`,
      'Or stop programs that watch files: editors, dev servers, other test runs in watch mode.',
    ].join('\n'),
  }
}

export function noPorts(): Lack {
  const range = text('/proc/sys/net/ipv4/ip_local_port_range')?.trim().replace(/\s+/, ' to ')
  return {
    code: 'NO_PORT',
    message: `there is no free port for another connection: connections use the ports ${range ?? 'of a range'} (net.ipv4.ip_local_port_range)`,
    fix: [
      'ss -tan | tail -n +2 | wc -l        # counts connections; a closed one keeps its port for a minute (TIME-WAIT)',
      'sudo sysctl net.ipv4.ip_local_port_range="32768 60999"',
    ].join('\n'),
  }
}
