import { constants } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished } from 'vitest'
import { removeAsCleaner } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import { Shell } from './cli.ts'
import { project } from './project.ts'
import { plugin } from './projects/plugin.ts'

export const EXAMPLES = join(import.meta.dirname, '../../examples')

/** An empty directory that is removed when the test ends. */
export async function directory(parent = tmpdir()): Promise<string> {
  const path = await mkdtemp(join(parent, 'vc-plan-test-'))
  onTestFinished(() => removeAsCleaner(path))
  return path
}

/** Writes a plan into a new directory. */
export async function planned(config: string, env: object = {}): Promise<string> {
  const shell = await Shell.open(project(plugin))
  const output = join(await directory(), 'plan')
  const { ended } = shell.start(['plan', '--config', config, '--output', output], { env })
  const { exitCode, stdout, stderr } = await ended
  expect(stderr).toBe('')
  expect([exitCode, stdout]).toEqual([0, ''])
  expect((await readdir(shell.directory)).filter((name) => name.startsWith('vc-plan'))).toEqual([])
  return output
}

/** The unit files of a plan, by their names. */
export async function unitsIn(plan: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(plan)).filter((name) => name.endsWith('.service'))
  const texts = names.map(async (name) => [name, await readFile(join(plan, name), 'utf8')])
  return Object.fromEntries(await Promise.all(texts))
}

const isProgram = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/**
 * The output of systemd-analyze verify for units, in a root with only the programs of the tree and of the plan's files:
 * otherwise it would look for programs on the host.
 */
export async function verified(
  plan: string,
  tree: string,
  units?: Readonly<Record<string, string>>,
) {
  const texts = units ?? (await unitsIn(plan))
  const root = await directory()
  const write = async (path: string, text: string, mode: number) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
    await chmod(join(root, path), mode)
  }
  for (const text of Object.values(texts)) {
    for (const [, program = ''] of text.matchAll(/^Exec[A-Za-z]+=[-!]*(\/\S+)/gm)) {
      const places = [join(plan, 'files', program), join(tree, program)]
      if ((await Promise.all(places.map(isProgram))).includes(true)) await write(program, '', 0o755)
    }
  }
  // Every service starts after these (systemd.service(5), "Default Dependencies")
  for (const target of ['sysinit', 'basic', 'shutdown'])
    await write(`etc/systemd/system/${target}.target`, '[Unit]\n', 0o644)
  const paths = await Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      const path = join('etc/systemd/system', name)
      await write(path, text, 0o644)
      return join(root, path)
    }),
  )
  const argv = ['verify', '--man=no', `--root=${root}`, ...paths]
  const { exitCode, all } = await execa('systemd-analyze', argv, { reject: false, all: true })
  return { exitCode, all }
}

export const ACCEPTED = { exitCode: 0, all: '' }
