import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { ClusterError, messageOf } from '../../errors.ts'
import type { FileHashes } from '../build/hashes.ts'
import { referencesOf } from './playbook-references.ts'

/** What Ansible looks for beside a playbook, besides its roles. */
const BESIDE =
  /^(group_vars|host_vars|vars|files|templates|tasks|handlers|library|module_utils|collections|\w+_plugins)$/
/** What of a role can name other roles and files. */
const NAMING = ['tasks', 'handlers', 'meta']

/**
 * What a playbook depends on, as far as it can be told without running it: paths relative to its directory, sorted,
 * none of them within another. What does not exist is left out; Ansible says who wanted it.
 * @param playbook an absolute path
 * @throws ClusterError `UNREADABLE_FILE`
 */
export async function playbookInputs(playbook: string, hashes: FileHashes): Promise<string[]> {
  const search = new Search(hashes)
  await search.playbook(playbook)
  const directory = dirname(playbook)
  return outermost([...search.found]).map((path) => relative(directory, path) || '.')
}

class Search {
  readonly found = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #hashes: FileHashes

  constructor(hashes: FileHashes) {
    this.#hashes = hashes
  }

  async playbook(path: string): Promise<void> {
    if (this.#again(path)) return
    const directory = dirname(path)
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw unreadable(path, cause)
    })
    this.found.add(path)
    const names = await readdir(directory)
    await Promise.all(
      names.filter((name) => BESIDE.test(name)).map((name) => this.#beside(directory, name)),
    )
    await this.#follow(text, { file: path, directory })
  }

  async #beside(directory: string, name: string): Promise<void> {
    this.found.add(join(directory, name))
    if (NAMING.includes(name)) await this.#directory(join(directory, name), { directory })
  }

  /** Everything that is read in a directory of tasks. */
  async #directory(path: string, site: Omit<Site, 'file'>): Promise<void> {
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = entries.filter(
      (entry) => !entry.isDirectory() && /\.(ya?ml|json)$/.test(entry.name),
    )
    await Promise.all(
      files.map((entry) => this.#file({ ...site, file: join(entry.parentPath, entry.name) })),
    )
  }

  async #file(site: Site): Promise<void> {
    if (this.#again(site.file)) return
    const text = await readFile(site.file, 'utf8').catch(() => '')
    await this.#follow(text, site)
  }

  async #follow(text: string, site: Site): Promise<void> {
    const { roles, anyRole, playbooks, files } = await referencesOf(text, this.#hashes)
    const { directory, role } = site
    const here = dirname(site.file)
    const all = anyRole ? await readdir(join(directory, 'roles')).catch(() => []) : []
    await Promise.all([
      ...[...roles, ...all].map((name) => this.#role(name, site)),
      ...playbooks.map(async (path) => {
        const file = resolve(here, path)
        if (await exists(file)) await this.playbook(file)
      }),
      ...files.map(async (path) => {
        const near = [here, directory, ...(role ? [join(role, 'tasks'), join(role, 'vars')] : [])]
        const file = await first(near.map((each) => resolve(each, path)))
        // a directory that has the playbook in it would be everything
        if (!file || `${directory}/`.startsWith(`${file}/`)) return
        this.found.add(file)
        if ((await stat(file)).isFile()) await this.#file({ ...site, file })
      }),
    ])
  }

  async #role(name: string, { directory, role }: Site): Promise<void> {
    const near = [join(directory, 'roles'), ...(role ? [dirname(role)] : []), directory]
    const path = await first(near.map((each) => resolve(each, name)))
    if (!path || this.#again(path)) return
    this.found.add(path)
    const site = { directory, role: path }
    await Promise.all(NAMING.map((each) => this.#directory(join(path, each), site)))
  }

  #again(path: string): boolean {
    if (this.#seen.has(path)) return true
    this.#seen.add(path)
    return false
  }
}

/** Where something is named. */
interface Site {
  readonly file: string
  /** That of the playbook, and of the role where it is one. */
  readonly directory: string
  readonly role?: string
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function first(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await exists(path)) return path
  return undefined
}

/** Leaves out what is within another. Pure. */
export function outermost(paths: readonly string[]): string[] {
  const sorted = [...new Set(paths)].sort()
  return sorted.filter((path) => !sorted.some((other) => path.startsWith(`${other}/`)))
}

function unreadable(path: string, cause: unknown): ClusterError {
  return new ClusterError(
    {
      code: 'UNREADABLE_FILE',
      message: `cannot read the playbook: ${messageOf(cause)}`,
      mend: `There has to be ${path}; relative paths start from the directory of cluster.config.ts.`,
    },
    { cause },
  )
}
