import type { HostHandle } from 'vitest-cluster'
import { ports } from '../../ports.ts'

const REPOSITORIES = '/repo/hg/mozilla'
const ROOT = { user: 'root', env: { HOME: '/root' } } as const

/** The host of the master, and those of the mirrors. */
export class Servers {
  readonly mirrors: readonly HostHandle[]
  readonly #master: HostHandle

  constructor(master: HostHandle, mirrors: readonly HostHandle[]) {
    this.#master = master
    this.mirrors = mirrors
  }

  /**
   * Creates a repository that a group may push to, as `hgmo create-repo` does. The mirrors serve only those that their
   * hgweb.config names. @returns what that wrote
   */
  async newRepository(name: string, group = 'scm_level_1'): Promise<string> {
    const { all = '' } = await this.#master.exec(['/create-repo', name, group], {
      ...ROOT,
      all: true,
    })
    return all
  }

  /** Waits until mirrors have handled all messages of the replication log. */
  async replicated(mirrors = this.mirrors): Promise<void> {
    const argv = [
      '/var/hg/venv_replication/bin/vcsreplicator-consumer',
      '--wait-for-no-lag',
      '/etc/mercurial/vcsreplicator.ini',
    ]
    await Promise.all(mirrors.map((mirror) => mirror.exec(argv, ROOT)))
  }

  /** The changesets of a repository on the master, newest first. */
  changesets(repository: string): Promise<readonly string[]> {
    return changesetsOf(this.#master, '/var/hg/venv_tools', repository)
  }

  /** The changesets of a repository on a mirror, newest first. */
  replicas(mirror: HostHandle, repository: string): Promise<readonly string[]> {
    return changesetsOf(mirror, '/var/hg/venv_replication', repository)
  }

  /** What the HTTP server of a mirror answers: `path` such as `projects/ash/json-rev/tip`. */
  served(mirror: HostHandle, path: string): Promise<Response> {
    return fetch(`http://${mirror.address}:${ports.http}/${path}`)
  }
}

async function changesetsOf(host: HostHandle, environment: string, repository: string) {
  const argv = [
    `${environment}/bin/hg`,
    '-R',
    `${REPOSITORIES}/${repository}`,
    'log',
    '-T',
    '{node}\n',
  ]
  const { stdout } = await host.exec(argv, ROOT)
  return stdout.split('\n').filter((line) => line !== '')
}
