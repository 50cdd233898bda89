import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** A package to build: its requirements, its files by path, and its script after the installation. */
export interface Rpm {
  readonly name: string
  readonly version?: string
  readonly requires?: string
  readonly recommends?: string
  readonly files?: Readonly<Record<string, string>>
  /** In Lua, which is built into rpm: a tree of two packages has no shell. */
  readonly post?: string
}

/** Builds packages and makes a repository of them. */
export async function makeRepository(directory: string, ...packages: readonly Rpm[]) {
  const build = join(directory, '.build')
  // rpmbuild would make it, but two at once fail: "failed to create directory: File exists"
  await mkdir(build)
  await Promise.all(packages.map((one) => makePackage(directory, build, one)))
  await execa('createrepo_c', ['--quiet', '--no-database', directory])
}

async function makePackage(directory: string, build: string, one: Rpm): Promise<void> {
  const { name, version = '1.0', requires, recommends, files = {}, post } = one
  const lines = [
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1',
    'Summary: A package of a test',
    'License: MIT',
    'BuildArch: noarch',
    ...(requires ? [`Requires: ${requires}`] : []),
    ...(recommends ? [`Recommends: ${recommends}`] : []),
    '%description',
    'A package of a test.',
    '%install',
    ...Object.entries(files).flatMap(([path, content]) => [
      `mkdir -p "$(dirname %{buildroot}${path})"`,
      `printf %s '${content}' >%{buildroot}${path}`,
    ]),
    ...(post ? ['%post -p <lua>', post] : []),
    '%files',
    ...Object.keys(files),
  ]
  const spec = `${directory}/${name}.spec`
  await writeFile(spec, `${lines.join('\n')}\n`)
  await execa('rpmbuild', [
    '-bb',
    `--define=_topdir ${build}/${name}`,
    `--define=_rpmdir ${directory}`,
    spec,
  ])
}
