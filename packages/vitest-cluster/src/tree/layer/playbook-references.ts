import type { FileHashes } from '../build/hashes.ts'

/** What a playbook, a file of tasks or a role's `meta` names besides itself. */
export interface References {
  readonly roles: readonly string[]
  /** Whether a role's name is made by a template: then it can be any of them. */
  readonly anyRole: boolean
  readonly playbooks: readonly string[]
  /** Files of tasks and of variables; where a name is made by a template, the directory that it begins with. */
  readonly files: readonly string[]
}

/** Most files name nothing, and to look for these words is much quicker than to read YAML. */
const WORDS = /roles?\b|import_|include|vars_files|dependencies/

const NOTHING: References = { roles: [], anyRole: false, playbooks: [], files: [] }

/**
 * Finds what a file names, without running anything. What is no YAML names nothing: Ansible says so better, with its
 * line.
 */
export async function referencesOf(text: string, hashes: FileHashes): Promise<References> {
  if (!WORDS.test(text)) return NOTHING
  // To load what reads YAML takes longer than all else that an unchanged playbook does
  return hashes.derived('references 1', text, parse)
}

async function parse(text: string): Promise<References> {
  const { parseDocument } = await import('yaml')
  // silent: `!vault` and `!unsafe` are no tags of YAML's
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false })
  if (document.errors.length > 0) return NOTHING
  const found = { roles: [] as string[], playbooks: [] as string[], files: [] as string[] }
  walk(document.toJS(), found)
  const named = found.roles.filter((name) => !name.includes('{{'))
  return {
    roles: [...new Set(named)],
    anyRole: named.length < found.roles.length,
    playbooks: [...new Set(found.playbooks)],
    files: [...new Set(found.files.map(fixedPart).filter((path) => path !== ''))],
  }
}

interface Found {
  readonly roles: string[]
  readonly playbooks: string[]
  readonly files: string[]
}

function walk(value: unknown, found: Found): void {
  if (Array.isArray(value)) for (const each of value) walk(each, found)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const [key, inner] of Object.entries(value)) {
    switch (key.replace(/^ansible\.(builtin|legacy)\./, '')) {
      case 'roles':
      case 'dependencies':
        for (const each of listOf(inner)) add(found.roles, argument(each, ['role', 'name', 'src']))
        break
      case 'import_role':
      case 'include_role':
        add(found.roles, argument(inner, ['name', 'role']))
        break
      case 'import_playbook':
        add(found.playbooks, argument(inner, ['file']))
        break
      case 'include':
      case 'import_tasks':
      case 'include_tasks':
      case 'include_vars':
        add(found.files, argument(inner, ['file', 'dir']))
        break
      case 'vars_files':
        for (const each of listOf(inner).flat()) add(found.files, argument(each, []))
        break
    }
    walk(inner, found)
  }
}

function add(list: string[], name: string | undefined): void {
  if (name) list.push(name)
}

/** `main.yml`, `{ file: main.yml }` or `file=main.yml`: Ansible takes all three. */
function argument(value: unknown, names: readonly string[]): string | undefined {
  if (typeof value === 'string') {
    const words = value.split(/\s+(?=\w+=)/)
    const pairs = words.map((word) => /^(\w+)=(.*)$/.exec(word))
    const pair = pairs.find((match) => match && names.includes(match[1] as string))
    return (pair?.[2] ?? words[0] ?? '').trim()
  }
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value)
  const found = names.map((name) => entries.find(([key]) => key === name)?.[1])
  return found.find((each) => typeof each === 'string')
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** `vars/{{ system }}.yml` -> `vars/`: one of those that are there. */
function fixedPart(path: string): string {
  const template = path.indexOf('{{')
  return template < 0 ? path : path.slice(0, path.lastIndexOf('/', template) + 1)
}
