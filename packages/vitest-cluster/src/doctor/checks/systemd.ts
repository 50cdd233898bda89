import { insideTree } from '../../machine/system.ts'
import { type Check, type Finding, missing, ok } from '../check.ts'
import { install } from '../fix.ts'

/** The oldest systemd that sessions were tried on: Debian 12's. */
const OLDEST = 252

const systemdVersionCheck: Check = {
  id: 'systemd-version',
  what: `systemd ${OLDEST} or later, which runs the services`,
  neededFor: ['session'],
  check: async (probe) => judgeVersion(await probe.systemdVersion()),
}

/** What a systemd's version, or none, means. */
export function judgeVersion(version: number | undefined): Finding {
  if (version === undefined) {
    return missing(
      'no systemctl that runs',
      install([{ debian: 'systemd', fedora: 'systemd', arch: 'systemd' }]),
    )
  }
  if (version >= OLDEST) return ok(`${version}`)
  return missing(`${version}`, {
    all: [
      '# upgrade the distribution: Debian 12, Ubuntu 24.04, Fedora 37, RHEL 9 have a later one',
    ],
  })
}

const nested: Check = {
  id: 'nested-session',
  what: "a place outside every session's tree, for sessions do not open in one another",
  neededFor: ['session'],
  async check() {
    if (!(await insideTree())) return ok('outside')
    return missing("this is inside a session's tree", {
      all: [
        '# run it on the machine, not by exec or in a service of another session;',
        '# the services of both can be in one cluster: defineCluster({ extends: … })',
      ],
    })
  },
}

export const SYSTEMD: readonly Check[] = [nested, systemdVersionCheck]
