import { expect, test } from 'vitest'
import { fixLines, install } from '../../src/doctor/fix.ts'
import { renderDoctor } from '../../src/doctor/render.ts'
import type { Precondition } from '../../src/index.ts'

const UIDMAP = install([{ debian: 'uidmap', fedora: 'shadow-utils', arch: 'shadow' }])
const version: Precondition = {
  id: 'systemd-version',
  what: 'systemd',
  found: '252',
  status: 'ok',
  neededFor: ['session'],
}
const newuidmap: Precondition = {
  id: 'newuidmap',
  what: 'newuidmap(1)',
  found: 'none',
  status: 'missing',
  neededFor: ['isolation:range', 'isolation:boot'],
  fix: UIDMAP,
}

test('each check is one line, with the fix below a missing one', () => {
  expect(renderDoctor([version, newuidmap], { distribution: 'fedora' })).toBe(
    `ok        systemd-version  252
missing   newuidmap        none
            newuidmap(1)
            for: isolation:range, isolation:boot
              sudo dnf install shadow-utils

Sessions can be opened here. Also missing: newuidmap
`,
  )
})

test('the fixes of all distributions are shown on an unknown one', () => {
  const text = renderDoctor([newuidmap])
  expect(text).toContain('Debian, Ubuntu: sudo apt-get install --no-install-recommends uidmap\n')
  expect(text).toContain('Fedora:         sudo dnf install shadow-utils\n')
  expect(text).toContain('Arch:           sudo pacman -S shadow\n')
})

test('a fix for containers replaces the general one in a container', () => {
  const fix = { all: ['sudo sysctl x=1'], container: ['# start it otherwise'] }
  expect(fixLines(fix, { container: 'docker' })).toEqual(['# start it otherwise'])
  expect(fixLines(fix, {})).toEqual(['sudo sysctl x=1'])
  expect(fixLines(UIDMAP, { distribution: 'arch', container: 'docker' })).toEqual([
    'sudo pacman -S shadow',
  ])
})

test('the last line lists what prevents sessions', () => {
  const blocking = (id: Precondition['id'], ...needs: Precondition['neededFor']): Precondition => ({
    ...newuidmap,
    id,
    neededFor: ['session', ...needs],
  })
  const last = (...list: Precondition[]) => renderDoctor(list).trim().split('\n').at(-1)
  expect(last(version)).toBe('Sessions can be opened here, and nothing else is missing.')
  expect(last(version, blocking('cgroup2'), newuidmap)).toBe(
    'A session cannot be opened here. Missing: cgroup2',
  )
  expect(
    last(
      blocking('user-manager', 'user manager'),
      blocking('cgroup-delegation', 'private manager'),
    ),
  ).toBe(
    'A session cannot be opened here. It needs a user manager (missing: user-manager) or a private manager (missing: cgroup-delegation)',
  )
})
