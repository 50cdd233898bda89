import { existsSync, readFileSync, statSync } from 'node:fs'
import { closedOn } from '../../packages/vitest-cluster/test/helpers/closed.ts'
import { hasNetAdmin } from '../../packages/vitest-cluster/test/helpers/net-admin.ts'

/** What of a machine can be the reason for a skip. */
export interface Machine {
  readonly root: boolean
  /** systemd is PID 1. */
  readonly booted: boolean
  /** The user's own systemd runs. */
  readonly userManager: boolean
  /** Sysctls can be written: a container may show them read-only. */
  readonly sysctls: boolean
  /** Root may configure networks (CAP_NET_ADMIN): a container may not allow it. */
  readonly netAdmin: boolean
  /** Everybody can use /dev/net/tun, as pasta(1) must. */
  readonly tun: boolean
  /** Other uids cannot enter the repository: root cloned it below a directory of its own. */
  readonly closed: boolean
  /** A throwaway machine of test/machines: it has the programs that it is built with, and no more. */
  readonly throwaway: boolean
  /** A developer's own, which may lack anything; CI's may not. */
  readonly personal: boolean
}

/** Why a test may be skipped: words of its reason, and the machines on which that is so. */
const SKIPS: readonly { says: RegExp; where: (machine: Machine) => boolean }[] = [
  { says: /^only root can make this situation$/, where: ({ root }) => !root },
  { says: /^for root$|^the other half is for root$/, where: ({ root }) => !root },
  {
    says: /^for root where systemd is PID 1$/,
    where: ({ root, booted }) => !root || !booted,
  },
  {
    says: /^no user manager runs for who runs the tests$|^needs the systemd of an ordinary user/,
    where: ({ root, userManager }) => root || !userManager,
  },
  {
    says: /^the user's own manager does not see what is mounted here$/,
    where: ({ userManager }) => userManager,
  },
  {
    says: /^this user has a control group of his own$/,
    where: ({ root }) => !root,
  },
  { says: /^nspawn: systemd \d+: for an ordinary user /, where: ({ root }) => !root },
  { says: /^tun-device: other users may not use \/dev\/net\/tun/, where: ({ tun }) => !tun },
  { says: /^the repository is closed to the uid of services$/, where: ({ closed }) => closed },
  {
    // A throwaway machine has the controllers that its host gives to version 2
    says: /^no control group that limits processes or memory can be made here$/,
    where: ({ booted, throwaway }) => !booted || throwaway,
  },
  { says: /^sysctls are read-only in this container$/, where: ({ sysctls }) => !sysctls },
  {
    says: /^root has no CAP_NET_ADMIN in this container$/,
    where: ({ root, netAdmin }) => root && !netAdmin,
  },
  { says: / is not installed| cannot be reached/, where: ({ throwaway }) => throwaway },
  // Counted all the same: the developer sees what the machine lacks
  { says: /./, where: ({ personal }) => personal },
]

export function isExpected(reason: string, machine: Machine): boolean {
  return SKIPS.some(({ says, where }) => says.test(reason) && where(machine))
}

export function thisMachine(): Machine {
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.()}`
  const root = process.getuid?.() === 0
  return {
    root,
    booted: existsSync('/run/systemd/system'),
    userManager: existsSync(`${runtime}/systemd/private`),
    sysctls: !/ \/proc\/sys ro,/.test(readFileSync('/proc/self/mountinfo', 'utf8')),
    netAdmin: hasNetAdmin(),
    tun: existsSync('/dev/net/tun') && (statSync('/dev/net/tun').mode & 0o006) === 0o006,
    closed: closedOn([import.meta.filename]).length > 0,
    throwaway: existsSync('/run/machine/command'),
    personal: process.env['CI'] === undefined,
  }
}
