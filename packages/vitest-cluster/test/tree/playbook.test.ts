import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { PlaybookOptions } from '../../src/definition/tree-playbook.ts'
import { messageOf } from '../../src/errors.ts'
import { mirrorOf } from '../helpers/deb-mirror.ts'
import { makeDebRepository, SUITE } from '../helpers/deb-repository.ts'
import { type DebianCache, openDebianCache } from '../helpers/debian.ts'
import { LowerTree, type Project, project, tasks } from '../helpers/playbook.ts'
import { skipWhen } from '../helpers/situation.ts'

let cache: DebianCache | undefined

beforeAll(async () => {
  cache = await openDebianCache()
  return cache?.close
})

beforeEach(({ skip }) => skipWhen(skip, !cache, "Debian's mirror cannot be reached"))

async function apply(files: Project, options: PlaybookOptions = {}) {
  return new LowerTree(cache as DebianCache).apply(await project(files), 'site.yml', options)
}

/** The error of a playbook that fails. */
async function failure(files: Project, options: PlaybookOptions = {}): Promise<string> {
  return apply(files, options).then(() => 'it did not fail', messageOf)
}

test('a role may create users, use templates, handlers and variables, and become another user', async () => {
  const { shell, said } = await apply(
    {
      'site.yml':
        '- hosts: web_servers\n  become: true\n  roles: [web]\n' +
        '- hosts: all\n  tasks: [{ debug: { msg: "{{ ansible_os_family }}" } }]\n',
      'group_vars/web_servers.yml': 'greeting: hello',
      'roles/web/defaults/main.yml': 'web_port: 80\nweb_name: nobody\n',
      'roles/web/templates/web.conf.j2':
        '{{ greeting }} {{ web_name }}:{{ web_port }} on {{ ansible_distribution_release }}\n',
      'roles/web/handlers/main.yml': '- name: note it\n  shell: echo changed >>/etc/web.log\n',
      'roles/web/tasks/main.yml': `
- name: its group
  group: { name: web, system: true }
- name: its user
  user: { name: web, group: web, system: true, home: /srv/web }
- name: its configuration
  template: { src: web.conf.j2, dest: /etc/web.conf, owner: web, group: web, mode: '0640' }
  notify: note it
- name: as itself
  command: id -un
  become_user: web
  register: who
- name: what it is called
  copy: { content: '{{ who.stdout }}', dest: /etc/who }
  notify: note it
- name: a sudo as others have it
  copy: { src: sudo, dest: /usr/bin/sudo, mode: '0755' }
- name: as itself by sudo
  shell: id -un >>/srv/web/whom
  become_method: sudo
  become_user: web
`,
      // sudo(8) with the options that Ansible passes; it also refuses those of su(1)
      'roles/web/files/sudo': `#!/bin/sh
while getopts HSnu: option; do
  case $option in u) user=$OPTARG ;; '?') exit 1 ;; esac
done
shift $((OPTIND - 1))
exec runuser -u "$user" -- "$@"
`,
    },
    {
      inventory: { groups: ['web_servers'], vars: { web_name: 'tree' } },
      extraVars: { web_port: 81 },
    },
  )
  expect(
    await shell(
      'cat /etc/web.conf /etc/web.log; stat -c %U:%G:%a /etc/web.conf; cat /etc/who /srv/web/whom',
    ),
  ).toBe('hello tree:81 on trixie\nchanged\nweb:web:640\nwebweb')
  expect(said).toContain('web : its configuration')
  // Once for all plays
  expect(said.filter((line) => line === 'Gathering Facts')).toHaveLength(1)
  // No files of the library or of Ansible are left
  expect(
    await shell('find / -xdev -newer /etc/web.conf -name "*ansible*"; ls /usr/sbin'),
  ).not.toMatch(/ansible|policy-rc/)
})

test('services are enabled but not run, with a note; rescued and ignored failures do not fail the layer', async () => {
  const { said, shell } = await apply(
    tasks(`
- name: by service
  service: { name: cron, state: restarted, enabled: false }
- name: by systemd
  systemd: { name: cron, state: started, daemon_reload: true }
- name: by hand
  command: systemctl restart cron
- name: enabled only
  service: { name: cron, enabled: false }
- block: [{ command: 'false' }]
  rescue: [{ debug: { msg: rescued } }]
- name: optional
  command: 'false'
  ignore_errors: true
`),
  )
  expect(said).toContain('optional: failed, but the playbook ignores this error')
  expect(said.at(-1)).toBe(
    'services are started by the session, not while a tree is built: by service, by systemd, by hand',
  )
  expect(await shell('ls /etc/systemd/system/multi-user.target.wants')).not.toContain('cron')
})

test('a playbook installs a package, whose service is not started', async () => {
  const { directory, key, close } = await makeDebRepository([
    {
      name: 'daemon',
      postinst: 'invoke-rc.d cron start || true; policy-rc.d cron start || echo $? >/etc/asked',
    },
  ])
  onTestFinished(close)
  const { url } = await mirrorOf(directory)
  const { shell } = await apply(
    {
      ...tasks(`
- copy: { content: 'deb ${url} ${SUITE} main', dest: /etc/apt/sources.list }
- copy: { src: key.asc, dest: /etc/apt/trusted.gpg.d/test.asc }
- apt: { name: daemon, update_cache: true, install_recommends: false }
`),
      'files/key.asc': await readFile(key, 'utf8'),
    },
    { network: true },
  )
  // policy-rc.d refused (101), and has been removed
  const script = 'cat /etc/asked; ls /usr/sbin/policy-rc.d /var/lib/apt/lists 2>/dev/null || true'
  expect(await shell(script)).toBe('101\n/var/lib/apt/lists:')
})

test('a failed task is reported with its file, line and output', async () => {
  const files = {
    ...tasks('- debug: msg=hello'),
    'site.yml': '- hosts: all\n  gather_facts: false\n  roles: [web]\n',
  }
  const role = '- name: say no\n  command: sh -c "echo one; echo two >&2; exit 3"\n'
  // Between them is Ansible's message, which depends on its version
  expect(await failure({ ...files, 'roles/web/tasks/main.yml': role })).toMatch(
    /^the task 'web : say no' failed \(roles\/web\/tasks\/main\.yml:1\) \[TREE_FAILED\]\n {2}last log lines:\n(?: {4}.+\n)* {4}one\n {4}two\n {2}fix: See its output\.\n/,
  )
})

test('an undefined variable is reported with the task', async () => {
  const said = await failure(tasks('- copy: { content: "{{ nope }}", dest: /x }'))
  expect(said).toMatch(/^the task 'copy' failed \(site.yml:4\) \[TREE_FAILED\]\n/)
  expect(said).toMatch(/last log lines:\n.*nope/)
})

test('a missing role is reported with the searched directories', async () => {
  const said = await failure({ 'site.yml': '- hosts: all\n  roles: [nobody]\n' })
  expect(said).toMatch(
    /^ansible-playbook ended with \d+ before the first task \[TREE_FAILED\]\n {2}last log lines:\n[\s\S]*nobody/,
  )
  expect(said).toMatch(/site\.yml/)
  expect(said).not.toContain('/build-')
  expect(said).toMatch(/fix: [\s\S]*Roles and collections must be beside the playbook: in roles\//)
})

test('a file that is not an input is missing, and available once it is in inputs', async () => {
  const files = {
    ...tasks(
      `- copy: { src: "{{ playbook_dir }}/{{ 'CERTIFICATES' | lower }}/ca.pem", dest: /etc/ca.pem }`,
    ),
    'certificates/ca.pem': 'a certificate',
  }
  expect(await failure(files)).toMatch(
    /certificates\/ca.pem[\s\S]*fix: [\s\S]*The playbook only sees files .* inputs: \['path'\]/,
  )
  const { shell } = await apply(files, { inputs: ['certificates'] })
  expect(await shell('cat /etc/ca.pem')).toBe('a certificate')
})

test.each([
  ['- hosts: all\n  tasks:\n  - debug: msg=1\n    a: b: c\n', /site.yml/],
  ['- hosts: all\n  tasks:\n  - debug: msg=1\n    command: x\n', /debug.*command|command.*debug/],
  ['hosts: all\n', /site.yml/],
  ['', /site.yml/],
  ['- hosts: all\n  tasks:\n  - nobody.nothing.at_all: { path: /x }\n', /nobody\.nothing\.at_all/],
])('an invalid playbook is reported: %j', async (text, message) => {
  const said = await failure({ 'site.yml': text })
  expect(said).toMatch(/^ansible-playbook ended with \d+ before the first task \[TREE_FAILED\]/)
  expect(said).toMatch(message)
})

test('a module that this ansible-core lacks is reported', async () => {
  const said = await failure(tasks('- ansible.builtin.of_the_future: { name: x }'))
  expect(said).toMatch(/last log lines:\n[\s\S]*ansible\.builtin\.of_the_future[\s\S]*\n {2}fix: /)
  expect(said).toContain(
    'A module may need a newer ansible-core: check ansible-playbook --version.',
  )
})

test('a task that needs the bus of a booted tree fails with the fix booted: true', async () => {
  const said = await failure(tasks('- hostname: { name: x }'))
  expect(said).toMatch(/\[TREE_FAILED\]\n.*\n.*\bbus\b.*\n {2}fix: See its output\.\n/)
  expect(said).toContain('booted: true runs them (docs/ansible.md).')
})

test('a playbook for other hosts, which would do nothing, is an error', async () => {
  expect(
    await failure({ 'site.yml': '- hosts: servers\n  tasks: [{ debug: { msg: x } }]\n' }),
  ).toBe(
    `no play matches the tree: its plays are for servers [TREE_FAILED]
  fix: The only host is named 'tree'. Add it to a group of site.yml: inventory: { groups: ['servers'] }, or write hosts: all.`,
  )
})

test('tasks have no network by default, and the error names network: true', async () => {
  const said = await failure(tasks('- get_url: { url: "http://mirror.example/", dest: /x }'))
  expect(said).toMatch(/fix: [\s\S]*Tasks have no network unless you set network: true/)
})

test('a playbook on a tree without Python is an error', async () => {
  const said = await failure(tasks('- raw: rm /usr/bin/python3*\n- command: id'))
  expect(said).toMatch(
    /fix: Ansible's modules need Python in the tree: add packages\(\['python3'\]\)/,
  )
})

test('tasks write files within the tree, also through links that lead out of it', async () => {
  const outside = await project({ secret: 'kept' })
  await apply(
    tasks(`
- file: { path: '${outside}', state: directory }
- file: { src: '${outside}', dest: /etc/link, state: link }
- copy: { content: written, dest: /etc/link/secret }
- command: cat ${outside}/secret
  register: there
- assert: { that: there.stdout == "written" }
- fetch: { src: /etc/link/secret, dest: fetched, flat: true }
- assert: { that: 'lookup("file", playbook_dir + "/fetched") == "written"' }
`),
  )
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('kept')
})
