import type { HostHandle } from 'vitest-cluster'
import { ports } from '../../ports.ts'
import { Clone, HG } from './clone.ts'

/** What a user of the directory is, besides a name. */
export interface UserOptions {
  /** The number of the account. Files of a shard share the directory: each takes its own numbers. */
  readonly uid: number
  /** A member of `scm_level_1` up to this one. */
  readonly scmLevel?: 1 | 2 | 3
  /** `false`: no account of Mercurial. */
  readonly hgAccess?: boolean
}

/** Someone who uses ssh: as whom, and with which key of the client side. */
export interface Login {
  readonly email: string
  readonly keyFile: string
}

const HOME = '/root/people'
const KNOWN_HOSTS = '/root/known_hosts'

/** The host `runner`, where people have their keys and their clones. */
export class Client {
  readonly #runner: HostHandle
  readonly #hostKey: string
  #ready: Promise<unknown> | undefined

  /** @param hostKey the public key of the master's sshd */
  constructor(runner: HostHandle, hostKey: string) {
    this.#runner = runner
    this.#hostKey = hostKey
  }

  /** Creates a user by the checkout's own code, as `hgmo create-ldap-user` does, with a new key. */
  async newUser(name: string, { uid, scmLevel, hgAccess = true }: UserOptions): Promise<Login> {
    this.#ready ??= this.#prepare()
    await this.#ready
    const login = { email: `${name}@example.com`, keyFile: `${HOME}/${name}` }
    const change = {
      command: 'create-ldap-user',
      ...{ uri: `ldap://ldap:${ports.ldap}`, password: 'password' },
      ...{ email: login.email, username: name, fullname: `User ${name}`, uid },
      ...{ key_file: login.keyFile, scm_level: scmLevel ?? null, groups: null },
      ...{ no_hg_access: !hgAccess, hg_disabled: false },
    }
    await this.run(
      '/app/venv/bin/python',
      '/app/client/ldap-change.py',
      '/app/vct',
      JSON.stringify(change),
    )
    return login
  }

  /** A new repository of this user, without changesets, whose `default` is a repository of the master. */
  async newClone(repository: string, user: Login): Promise<Clone> {
    const path = `${user.keyFile}.${repository.replaceAll('/', '-')}`
    const clone = new Clone(this.#runner, path, {
      email: user.email,
      url: `ssh://hgssh:${ports.ssh}/${repository}`,
      ssh: sshOf(user),
    })
    await this.run(HG, 'init', path)
    return clone
  }

  /** Runs a program as root. @returns what it wrote to standard output */
  async run(...argv: readonly string[]): Promise<string> {
    const env = {
      HOME: '/root',
      VIRTUAL_ENV: '/app/venv',
      PULSE_HOST: 'pulse',
      PULSE_PORT: `${ports.amqp}`,
    }
    return (await this.#runner.exec(argv, { user: 'root', cwd: '/root', env })).stdout
  }

  async #prepare(): Promise<void> {
    await this.run('mkdir', '-p', HOME)
    const input = `[hgssh]:${ports.ssh} ${this.#hostKey}`
    await this.#runner.exec(['tee', KNOWN_HOSTS], { user: 'root', input })
  }
}

/** The value of `ui.ssh`. */
function sshOf({ email, keyFile }: Login): string {
  const options = ['PasswordAuthentication=no', `UserKnownHostsFile=${KNOWN_HOSTS}`]
  return [
    'ssh',
    '-F',
    'none',
    '-i',
    keyFile,
    '-l',
    email,
    ...options.map((each) => `-o${each}`),
  ].join(' ')
}
