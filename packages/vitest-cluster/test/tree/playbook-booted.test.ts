import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlaybookOptions } from '../../src/definition/tree-playbook.ts'
import { noIsolation } from '../../src/doctor/explain.ts'
import { groupSource } from '../../src/doctor/group-source.ts'
import { messageOf } from '../../src/errors.ts'
import { LowerTree, type Project, project } from '../helpers/playbook.ts'

const missing =
  (await noIsolation('boot'))?.found ??
  ((await groupSource(process.env, process.getuid?.() ?? 0)) ? undefined : 'no control group')

/** A service that a role brings along: it writes down its life, and how it ended. */
const ROLE: Project = {
  'site.yml': '- hosts: all\n  roles: [clock]\n',
  'roles/clock/handlers/main.yml': `
- name: restart clock
  systemd: { name: clock, state: restarted, daemon_reload: true }
`,
  'roles/clock/templates/clock.service.j2': `
[Service]
Type=exec
ExecStart=/usr/local/bin/clock {{ word }}
[Install]
WantedBy=multi-user.target
`,
  'roles/clock/files/clock': `#!/bin/sh
trap 'echo "stopped $1" >>/var/log/clock; exit' TERM
echo "started $1" >>/var/log/clock
sleep infinity & wait
`,
  'roles/clock/tasks/main.yml': `
- copy: { src: clock, dest: /usr/local/bin/clock, mode: '0755' }
- template: { src: clock.service.j2, dest: /etc/systemd/system/clock.service }
  vars: { word: first }
- name: start clock
  service: { name: clock, state: started, enabled: true }
- template: { src: clock.service.j2, dest: /etc/systemd/system/clock.service }
  vars: { word: second }
  notify: restart clock
- meta: flush_handlers
- command: systemctl is-active clock
- assert: { that: ansible_service_mgr == 'systemd' }
`,
}

describe.skipIf(missing)(`a booted tree${missing ? ` (cannot: ${missing})` : ''}`, () => {
  let tree: LowerTree

  beforeAll(async () => {
    tree = await LowerTree.make(['python3', 'systemd', 'dbus-daemon'])
  }, 300_000)

  afterAll(async () => {
    await tree?.remove()
  })

  async function apply(files: Project, options: PlaybookOptions = {}) {
    return tree.apply(await project(files), 'site.yml', { booted: true, ...options })
  }

  test('services are started and restarted, and stopped before the layer is done', async () => {
    const { said, shell } = await apply(ROLE)
    expect(said).toContain('booting the tree')
    expect(await shell('cat /var/log/clock')).toBe(
      'started first\nstopped first\nstarted second\nstopped second',
    )
    expect(said.join('\n')).not.toContain('services are not run')
    expect(await shell('find / -xdev -newer /usr/local/bin/clock ! -type d')).toBe('')
  })
})
