import { chmod, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type PlaybookOptions, playbook } from '../../src/definition/tree-playbook.ts'
import { FileHashes } from '../../src/tree/build/hashes.ts'
import { findProject, isNamed } from '../../src/tree/layer/playbook-project.ts'
import { inputsOf, type Project, project } from '../helpers/playbook.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const role = (name: string, tasks = '[]'): Project => ({ [`roles/${name}/tasks/main.yml`]: tasks })

/** The files and directories that a playbook depends on. */
async function inputsIn(files: Project, options: PlaybookOptions = {}): Promise<string[]> {
  const baseDirectory = await project(files)
  const context = { baseDirectory, hashes: new FileHashes() }
  const { inputs } = await findProject(playbook('site.yml', options), context)
  return inputs.map((path) => relative(baseDirectory, path))
}

test('the roles that a playbook names are inputs, each complete, and no others', async () => {
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

test('roles that roles import, include or depend on are inputs', async () => {
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

test("a role with a template as its name is found by the layer's variables, or has to be in the option inputs", async () => {
  const files = {
    'site.yml': '- hosts: all\n  roles:\n  - role: "{{ wanted }}"\n',
    ...role('a'),
    ...role('b'),
  }
  const found = await inputsIn(files, { extraVars: { wanted: 'b' } })
  expect(found).toEqual(['roles/b', 'site.yml'])
  expect(await inputsIn(files, { inputs: ['roles'] })).toEqual(['roles', 'site.yml'])
})

test('files beside a playbook in directories that Ansible reads are inputs', async () => {
  const beside = ['group_vars', 'host_vars', 'templates', 'files', 'library', 'filter_plugins']
  const found = await inputsIn({
    'site.yml': '- hosts: all\n',
    ...Object.fromEntries(beside.map((name) => [`${name}/something`, ''])),
    'README.md': '',
    'src/index.ts': '',
  })
  expect(found).toEqual([...beside, 'site.yml'].sort())
})

test('files of tasks and of variables are inputs, also with a template as their name', async () => {
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
  // All named files in every place that Ansible searches: more/ has a playbook with its own role
  const files = ['a', 'further.yml', 'more', 'one.yml', 'roles/db']
  expect(found).toEqual([...files, 'roles/web', 'settings', 'site.yml', 'steps.yml'])
})

test.for([
  ['roles: [src]', true],
  ['- src', true],
  ['- { role: src }', true],
  ['include_role: name=src tasks_from=users', true],
  ['import_playbook: "src"', true],
  ['copy: src={{ playbook_dir }}/src/x', true],
  ['  dir: src   # a comment', true],
  // Not a name: a module's argument, a word of a sentence, a part of another name
  ['copy: { src: x }', false],
  ['copy: src=x', false],
  ['name: Fetch src for the build', false],
  ['dest: /opt/my-src/x', false],
  ['roles: [src.old, srcs]', false],
] as const)('isNamed() decides whether a text names src: %s', ([text, named]) => {
  expect(isNamed('src', text)).toBe(named)
})

test("a playbook that is not YAML, or has Ansible's tags, is left to Ansible", async () => {
  const vault = '- hosts: all\n  roles: [a]\n  vars: { s: !vault "x", t: !unsafe "{{" }\n'
  for (const text of ['roles: [a\n - b: {', vault])
    expect(await inputsIn({ 'site.yml': text, ...role('a') })).toContain('site.yml')
  expect(await inputsIn({ 'site.yml': vault, ...role('a') })).toEqual(['roles/a', 'site.yml'])
})

test('a changed template is one changed input, also in a role that is a link', async () => {
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

test('a playbook outside the directory of cluster.config.ts is read with its roles', async () => {
  const directory = await project({
    'ops/site.yml': '- hosts: all\n  roles: [web]\n',
    'test/x': '',
  })
  await mkdir(join(directory, 'ops/roles'))
  await rename(join(directory, 'test/x'), join(directory, 'ops/roles/web'))
  const names = Object.keys(await inputsOf(join(directory, 'test'), '../ops/site.yml'))
  expect(names).toEqual(expect.arrayContaining(['file ../ops/site.yml', 'file ../ops/roles/web']))
})

test('a missing playbook, and a missing input, are errors', async () => {
  const directory = await project({ 'site.yml': '- hosts: all\n' })
  await expect(inputsOf(directory, 'other.yml')).rejects.toThrow(
    /^cannot read the playbook: ENOENT.* \[UNREADABLE_FILE\]\n {2}fix: Relative paths start from /,
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

test('invalid options of playbook() are refused', () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => playbook(''), /^playbook: path is "", which is not a path /],
    [() => playbook('a.yml', { extra: {} } as object), /there is no option "extra"/],
    [() => playbook('a.yml', { inventory: 'hosts' } as object), /inventory is "hosts"/],
    [
      () => playbook('a.yml', { inventory: { hosts: [] } } as object),
      /inventory: there is no option "hosts"/,
    ],
    [
      () => playbook('a.yml', { inventory: { groups: ['web-servers'] } }),
      /groups\[0\] is "web-servers"/,
    ],
    [() => playbook('a.yml', { extraVars: { 'a-b': 1 } }), /a key of extraVars is "a-b"/],
    [() => playbook('a.yml', { extraVars: { at: new Date() as never } }), /extraVars\.at is "/],
    [() => playbook('a.yml', { inventory: { vars: { ansible_host: 'x' } } }), /"ansible_host"/],
    [() => playbook('a.yml', { network: 'yes' as never }), /network is "yes"/],
    [() => playbook('a.yml', { inputs: 'x' as never }), /inputs is "x", which is not an array/],
  ]
  for (const [make, message] of wrong) {
    expect(make).toThrow(message)
    expect(make).toThrow(/\[INVALID_DEFINITION\]\n {2}fix: /)
  }
})

test("concurrent readers of one cache of digests do not overwrite each other's digests", async () => {
  const file = join(await temporaryDirectory(), 'digests.json')
  const hashes = new FileHashes(file)
  // Files that are old and large enough for their digests to be kept
  const names = ['playbook.test.ts', 'archive.test.ts', 'names.test.ts']
  const paths = names.map((name) => fileURLToPath(new URL(name, import.meta.url)))
  const digests = await Promise.all(paths.map((path) => hashes.file(path)))
  await hashes.save()
  const kept = new Map<string, string>(JSON.parse(await readFile(file, 'utf8')))
  expect([...kept.values()].sort()).toEqual([...digests].sort())
})
