import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import { findProgram } from '../../machine/programs.ts'
import type { StepContext } from '../build/step.ts'
import { unreadable } from './file-inputs.ts'

/** A playbook and all that it may read. */
export interface Project {
  /** The directory that all of it is in. */
  readonly top: string
  /** Absolute paths. */
  readonly playbook: string
  readonly inputs: readonly string[]
}

/** What Ansible looks for beside a playbook, besides its roles. */
const BESIDE =
  /^(group_vars|host_vars|vars|files|templates|tasks|handlers|library|module_utils|collections|\w+_plugins)$/
/** What of a directory names no other file: content, and programs. */
const SILENT = /(^|\/)(files|templates|library|module_utils|collections|\w+_plugins)\//

/**
 * Finds what a layer's playbook depends on, without running or parsing it: what Ansible looks for beside it anyway, and
 * each role and other file or directory beside it whose name stands in the playbook, in a variable of the layer, or in
 * the YAML of what was found so far. That may be too much, which costs a build; what is missed is missing when the
 * playbook runs, and Ansible says so.
 * @throws ClusterError `UNREADABLE_FILE`, `INVALID_DEFINITION`
 */
export async function findProject(layer: PlaybookLayer, context: StepContext): Promise<Project> {
  const playbook = resolve(context.baseDirectory, layer.playbook)
  const directory = dirname(playbook)
  const text = await readFile(playbook, 'utf8').catch((cause: unknown) => {
    throw unreadable('the playbook', context, cause)
  })
  const roles = await readdir(join(directory, 'roles')).catch(() => [])
  const beside = (await readdir(directory)).filter((name) => name !== 'roles')
  const candidates = new Map([
    ...roles.map((name) => [join(directory, 'roles', name), name] as const),
    ...beside.map((name) => [join(directory, name), name] as const),
  ])
  const found = [playbook]
  const texts = [text, JSON.stringify([layer.hostVars, layer.extraVars])]
  const take = async (path: string) => {
    candidates.delete(path)
    found.push(path)
    texts.push(...(await textsOf(path)))
  }
  candidates.delete(playbook)
  for (const [path, name] of candidates)
    if (BESIDE.test(name) && dirname(path) === directory) await take(path)
  // Grows while it is read
  for (const each of texts)
    for (const [path, name] of candidates) if (isNamed(name, each)) await take(path)
  const named = layer.inputs.map((path) => resolve(context.baseDirectory, path))
  const inputs = outermost([...found, ...named])
  const top = inputs.map(dirname).reduce(common, directory)
  if (top !== '/') return { top, playbook, inputs }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the inputs of ${layer.playbook} have no directory in common: ${inputs.join(', ')}`,
    fix: 'Copy what it needs to a directory beside the playbook.',
  })
}

/** Whether a text has a name as a value in YAML, or as part of a path: not as a key, nor as a word of a sentence. Pure. */
export function isNamed(name: string, text: string): boolean {
  const literal = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const before = /(?<=^|[\s"'[{(=,/:])/.source
  const after = /(?=\/|["')]|\s*([,}\]#]|$)|\s+\w+=)/.source
  return new RegExp(before + literal + after, 'm').test(text)
}

/** What of a file or directory can name others. */
async function textsOf(path: string): Promise<string[]> {
  const isFile = (await stat(path).catch(() => undefined))?.isFile()
  const paths = isFile ? [''] : await readdir(path, { recursive: true }).catch(() => [])
  const files = paths
    .map((below) => join(path, below))
    .filter(
      (file) => /\.(ya?ml|json)$/.test(file) && !SILENT.test(file.slice(dirname(path).length)),
    )
  return Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
}

/** Leaves out what is within another. */
function outermost(paths: readonly string[]): string[] {
  const sorted = [...new Set(paths)].sort()
  return sorted.filter((path) => !sorted.some((other) => path.startsWith(`${other}/`)))
}

function common(a: string, b: string): string {
  const theirs = b.split('/')
  const parts = a.split('/')
  const differs = parts.findIndex((part, index) => part !== theirs[index])
  return (differs < 0 ? parts : parts.slice(0, differs)).join('/') || '/'
}

/** ansible-playbook(1) of this machine; undefined where there is none. */
export function findAnsible(): Promise<string | undefined> {
  const path = (process.env['PATH'] ?? '').split(':').filter(Boolean)
  return findProgram('ansible-playbook', [...path, '/usr/local/bin', '/usr/bin'])
}
