import { insideTree } from '../../machine/system.ts'
import { type Check, type Finding, missing, ok } from '../check.ts'
import { install } from '../fix.ts'

/** The oldest systemd that sessions are tested on: Debian 12's. */
const OLDEST = 252

const systemdVersionCheck: Check = {
  id: 'systemd-version',
  what: `systemd ${OLDEST} or later, which runs the services`,
  neededFor: ['session'],
  check: async (probe) => judgeVersion(await probe.systemdVersion()),
}

/** Whether a version of systemd is recent enough; undefined if there is no systemd. */
export function judgeVersion(version: number | undefined): Finding {
  if (version === undefined) {
    return missing(
      'systemctl does not run',
      install([{ debian: 'systemd', fedora: 'systemd', arch: 'systemd' }]),
    )
  }
  if (version >= OLDEST) return ok(`${version}`)
  return missing(`${version}`, {
    all: [
      '# upgrade the distribution: Debian 12, Ubuntu 24.04, Fedora 37 and RHEL 9 have a later version',
    ],
  })
}

const nested: Check = {
  id: 'nested-session',
  what: "a process outside every session's tree: a session cannot be opened inside another",
  neededFor: ['session'],
  async check() {
    if (!(await insideTree())) return ok('outside')
    return missing("this process runs inside a session's tree", {
      all: [
        '# run it on the machine itself, not by exec or in a service of another session;',
        '# to use the services of both, put them into one cluster: defineCluster({ extends: … })',
      ],
    })
  },
}

export const SYSTEMD: readonly Check[] = [nested, systemdVersionCheck]
