import type { Distribution, System } from '../machine/system.ts'
import type { Packages } from '../machine/tools.ts'

/** Lines for a shell. Text for the user is a shell comment. */
export type Lines = readonly string[]

/** The commands that fix something, for each distribution or the same for all. */
export type Fix = (
  | {
      /** For every distribution. */
      readonly all: readonly string[]
    }
  | {
      /** For Debian and Ubuntu. */
      readonly debian: readonly string[]
      /** For Fedora. */
      readonly fedora: readonly string[]
      /** For Arch. */
      readonly arch: readonly string[]
    }
) & {
  /** What to do instead if the machine is a container. */
  readonly container?: readonly string[]
}

const NAMES = { debian: 'Debian, Ubuntu', fedora: 'Fedora', arch: 'Arch' } as const
const INSTALL: Record<Distribution, string> = {
  debian: 'sudo apt-get install --no-install-recommends',
  fedora: 'sudo dnf install',
  arch: 'sudo pacman -S',
}
const REINSTALL: typeof INSTALL = {
  debian: 'sudo apt-get install --reinstall',
  fedora: 'sudo dnf reinstall',
  arch: 'sudo pacman -S',
}

/** Installs packages. */
export function install(packages: readonly Packages[], command = INSTALL): Fix {
  const line = (key: Distribution) => {
    const names = packages.map((one) => one[key]).filter((name) => name !== undefined)
    return [`${command[key]} ${[...new Set(names)].join(' ')}`]
  }
  return { debian: line('debian'), fedora: line('fedora'), arch: line('arch') }
}

/** Reinstalls packages whose files have lost their set-uid bit or file capabilities. */
export function reinstall(packages: readonly Packages[]): Fix {
  return install(packages, REINSTALL)
}

/** The lines for this system. If its distribution is unknown: the lines of all, with the distribution's name. */
export function fixLines(fix: Fix, { distribution, container }: System = {}): Lines {
  if (container && fix.container) return fix.container
  if ('all' in fix) return fix.all
  if (distribution) return fix[distribution]
  return (['debian', 'fedora', 'arch'] as const).flatMap((key) =>
    fix[key].map((line) => `${`${NAMES[key]}:`.padEnd(16)}${line}`),
  )
}
