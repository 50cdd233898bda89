import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import { findProgram } from '../../machine/programs.ts'
import type { StepContext } from '../build/step.ts'
import { unreadable } from './file-inputs.ts'

/** A playbook and all files that it may read. */
export interface Project {
  /** The common parent directory of all files. */
  readonly top: string
  /** Absolute paths. */
  readonly playbook: string
  readonly inputs: readonly string[]
}

/** Files and directories that Ansible reads beside a playbook, except for roles. */
const BESIDE =
  /^(group_vars|host_vars|vars|files|templates|tasks|handlers|library|module_utils|collections|\w+_plugins)$/
/** Directories whose files do not refer to other files: content, and programs. */
const SILENT = /(^|\/)(files|templates|library|module_utils|collections|\w+_plugins)\//

/**
 * Finds the files that a layer's playbook depends on, without running or parsing it: those that Ansible always reads beside
 * it, and each role and other file or directory beside it whose name occurs in the playbook, in a variable of the layer, or
 * in the YAML of a file found so far. A file too many may cause a needless build. A file that is not found is missing
 * when the playbook runs, and Ansible reports that.
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
  // take() adds texts during the loop
  for (const each of texts)
    for (const [path, name] of candidates) if (isNamed(name, each)) await take(path)
  const named = layer.inputs.map((path) => resolve(context.baseDirectory, path))
  const inputs = outermost([...found, ...named])
  const top = inputs.map(dirname).reduce(common, directory)
  if (top !== '/') return { top, playbook, inputs }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the inputs of ${layer.playbook} have no parent directory in common: ${inputs.join(', ')}`,
    fix: 'Copy the inputs to a directory beside the playbook.',
  })
}

/** Whether a text contains a name as a YAML value or as part of a path, not as a key or a word of a sentence. Pure. */
export function isNamed(name: string, text: string): boolean {
  const literal = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const before = /(?<=^|[\s"'[{(=,/:])/.source
  const after = /(?=\/|["')]|\s*([,}\]#]|$)|\s+\w+=)/.source
  return new RegExp(before + literal + after, 'm').test(text)
}

/** The texts in a file or directory that can refer to other files. */
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

/** Removes paths that are inside of another one. */
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
