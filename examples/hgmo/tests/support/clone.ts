import type { HostHandle } from 'vitest-cluster'

/** That of the checkout's tests. */
export const HG = '/app/venv/bin/hg'

/** Where a clone pushes, and as whom. */
export interface Remote {
  readonly email: string
  readonly url: string
  /** The value of `ui.ssh`. */
  readonly ssh: string
}

/** What a push wrote, in the order in which it wrote it. */
export interface Push {
  readonly exitCode: number
  readonly output: string
}

/** A repository on the client side. */
export class Clone {
  readonly #runner: HostHandle
  readonly #path: string
  readonly #remote: Remote

  constructor(runner: HostHandle, path: string, remote: Remote) {
    this.#runner = runner
    this.#path = path
    this.#remote = remote
  }

  /** Adds a file with the name and the content of the message. @returns the changeset */
  async commit(message: string): Promise<string> {
    const file = message.replaceAll(/\W/g, '-')
    await this.#runner.exec(['tee', file], { ...this.#how(), input: `${message}\n` })
    await this.hg('commit', '--addremove', '--message', message)
    return this.hg('log', '--rev', '.', '--template', '{node}')
  }

  /** Pushes to the master. A refused push is a result. */
  async push(): Promise<Push> {
    const argv = [HG, 'push', '--config', `ui.ssh=${this.#remote.ssh}`, this.#remote.url]
    const how = { ...this.#how(), all: true, allowFailure: true } as const
    const { all, exitCode } = await this.#runner.exec(argv, how)
    return { output: all ?? '', exitCode }
  }

  /** Runs hg. @returns what it wrote to standard output */
  async hg(...argv: readonly string[]): Promise<string> {
    return (await this.#runner.exec([HG, ...argv], this.#how())).stdout
  }

  #how() {
    const { email } = this.#remote
    // As helpers.sh of the checkout: a hook of the master wants a name and an address
    const env = { HOME: '/root', HGPLAIN: '1', HGUSER: `Test User <${email}>` }
    return { user: 'root', cwd: this.#path, env }
  }
}
