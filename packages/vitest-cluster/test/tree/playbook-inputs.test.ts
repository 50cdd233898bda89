import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { playbook } from '../../src/definition/tree-playbook.ts'
import { FileHashes } from '../../src/tree/build/hashes.ts'
import { playbookInputs } from '../../src/tree/layer/playbook-inputs.ts'
import { referencesOf } from '../../src/tree/layer/playbook-references.ts'
import { inputsOf, type Project, project } from '../helpers/playbook.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const role = (name: string, tasks = '[]'): Project => ({ [`roles/${name}/tasks/main.yml`]: tasks })

async function inputsIn(files: Project): Promise<string[]> {
  return playbookInputs(join(await project(files), 'site.yml'), new FileHashes())
}

test('the roles that a playbook names, each whole, and no other', async () => {
  const found = await inputsIn({
    'site.yml': '- hosts: all\n  roles: [web, { role: db }, { name: "cache" }]\n',
    ...role('web'),
    'roles/web/templates/web.conf.j2': '',
    ...role('db'),
    ...role('cache'),
    ...role('other'),
  })
  expect(found).toEqual(['roles/cache', 'roles/db', 'roles/web', 'site.yml'])
})

test('roles that roles name: import, include and dependencies', async () => {
  const found = await inputsIn({
    'site.yml': '- hosts: all\n  tasks:\n  - ansible.builtin.import_role: { name: web }\n',
    ...role('web', '- block:\n  - include_role: name=common tasks_from=users\n'),
    ...role('common'),
    'roles/common/meta/main.yml': 'dependencies:\n- role: base\n- certificates\n',
    ...role('base'),
    ...role('certificates', '- include_role: { name: web }\n'),
    ...role('other'),
  })
  const roles = ['base', 'certificates', 'common', 'web'].map((name) => `roles/${name}`)
  expect(found).toEqual([...roles, 'site.yml'])
})

test('a role whose name is made by a template may be any', async () => {
  const found = await inputsIn({
    'site.yml': '- hosts: all\n  roles:\n  - role: "{{ wanted }}"\n',
    ...role('a'),
    ...role('b'),
  })
  expect(found).toEqual(['roles/a', 'roles/b', 'site.yml'])
})

test('what stands beside a playbook in directories that Ansible knows', async () => {
  const beside = ['group_vars', 'host_vars', 'templates', 'files', 'library', 'filter_plugins']
  const found = await inputsIn({
    'site.yml': '- hosts: all\n',
    ...Object.fromEntries(beside.map((name) => [`${name}/something`, ''])),
    'README.md': '',
    'src/index.ts': '',
  })
  expect(found).toEqual([...beside, 'site.yml'].sort())
})

test('files of tasks and of variables, also those made by a template', async () => {
  const found = await inputsIn({
    'site.yml':
      '- import_playbook: more/db.yml\n- hosts: all\n  vars_files: [one.yml, ["a/{{ b }}.yml"]]\n' +
      '  tasks:\n  - import_tasks: steps.yml\n  - include_vars: { dir: settings }\n',
    'one.yml': '',
    'a/x.yml': '',
    'steps.yml': '- include_tasks: { file: further.yml }\n',
    'further.yml': '- include_role: { name: web }\n',
    'settings/x.yml': '',
    'more/db.yml': '- hosts: all\n  roles: [db]\n',
    'more/roles/db/tasks/main.yml': '',
    ...role('web'),
    ...role('db'),
  })
  const files = ['a', 'further.yml', 'more/db.yml', 'more/roles/db', 'one.yml']
  expect(found).toEqual([...files, 'roles/web', 'settings', 'site.yml', 'steps.yml'])
})

test('what is no YAML, or has tags of its own, is left to Ansible', async () => {
  const nothing = { roles: [], anyRole: false, playbooks: [], files: [] }
  expect(await referencesOf('roles: [a\n - b: {', new FileHashes())).toEqual(nothing)
  expect(
    await referencesOf(
      '- roles: [a]\n  vars: { s: !vault "x", t: !unsafe "{{" }\n',
      new FileHashes(),
    ),
  ).toEqual({
    ...nothing,
    roles: ['a'],
  })
})

test('a changed template is one changed input; a role that is a link is read where it leads', async () => {
  const directory = await project({
    'site.yml': '- hosts: all\n  roles: [web]\n',
    'kept/web/templates/web.conf.j2': 'a',
    'certificates/ca.pem': '',
  })
  await mkdir(join(directory, 'roles'))
  await symlink('../kept/web', join(directory, 'roles/web'))
  const options = { extraVars: { port: 80 }, inputs: ['certificates'] }
  const before = await inputsOf(directory, 'site.yml', options)
  await writeFile(join(directory, 'kept/web/templates/web.conf.j2'), 'b')
  const after = await inputsOf(directory, 'site.yml', options)
  const changed = Object.keys(after).filter((name) => after[name] !== before[name])
  expect(changed).toEqual(['file roles/web/templates/web.conf.j2'])
  expect(Object.keys(after)).toEqual(
    expect.arrayContaining(['ansible', 'variable port', 'network', 'file certificates/ca.pem']),
  )
})

test('a playbook beside the directory of cluster.config.ts', async () => {
  const directory = await project({
    'ops/site.yml': '- hosts: all\n  roles: [web]\n',
    'test/x': '',
  })
  await mkdir(join(directory, 'ops/roles'))
  await rename(join(directory, 'test/x'), join(directory, 'ops/roles/web'))
  const names = Object.keys(await inputsOf(join(directory, 'test'), '../ops/site.yml'))
  expect(names).toEqual(expect.arrayContaining(['file ../ops/site.yml', 'file ../ops/roles/web']))
})

test('a playbook and an input that are not there', async () => {
  const directory = await project({ 'site.yml': '- hosts: all\n' })
  await expect(inputsOf(directory, 'other.yml')).rejects.toThrow(
    /^cannot read the playbook: ENOENT.* \[UNREADABLE_FILE\]\n {2}mend: There has to be /,
  )
  await expect(inputsOf(directory, 'site.yml', { inputs: ['nope'] })).rejects.toThrow(
    /^cannot read nope: ENOENT.* \[UNREADABLE_FILE\]/,
  )
  if (process.getuid?.() === 0) return
  await chmod(join(directory, 'site.yml'), 0)
  await expect(inputsOf(directory, 'site.yml')).rejects.toThrow(
    /^cannot read the playbook: EACCES.* \[UNREADABLE_FILE\]/,
  )
})

test('what is no layer', () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => playbook(''), /^playbook: "" is no path /],
    [() => playbook('a.yml', { extra: {} } as object), /there is no option "extra"/],
    [() => playbook('a.yml', { inventory: 'hosts' } as object), /inventory is "hosts"/],
    [() => playbook('a.yml', { inventory: { hosts: [] } } as object), /inventory has "hosts"/],
    [() => playbook('a.yml', { inventory: { groups: ['web-servers'] } }), /groups: \["web-/],
    [() => playbook('a.yml', { extraVars: { 'a-b': 1 } }), /extraVars has "a-b"/],
    [() => playbook('a.yml', { extraVars: { at: new Date() as never } }), /has at with a value/],
    [() => playbook('a.yml', { inventory: { vars: { ansible_host: 'x' } } }), /"ansible_host"/],
    [() => playbook('a.yml', { network: 'yes' as never }), /network is "yes"/],
    [() => playbook('a.yml', { inputs: 'x' as never }), /inputs: "x" are no paths/],
  ]
  for (const [make, message] of wrong) {
    expect(make).toThrow(message)
    expect(make).toThrow(/\[INVALID_DEFINITION\]\n {2}mend: /)
  }
})

test('what a text names is found out once, by however many who ask, and again when it changes', async () => {
  const file = join(await temporaryDirectory(), 'digests.json')
  const asked: string[] = []
  const derived = async (...texts: string[]) => {
    const hashes = new FileHashes(file)
    const length = async (text: string) => asked.push(text) && text.length
    const found = await Promise.all(texts.map((text) => hashes.derived('length', text, length)))
    await hashes.save()
    return found
  }
  expect([await derived('one', 'three'), await derived('one', 'three', 'seven')]).toEqual([
    [3, 5],
    [3, 5, 5],
  ])
  expect(asked).toEqual(['one', 'three', 'seven'])
})
