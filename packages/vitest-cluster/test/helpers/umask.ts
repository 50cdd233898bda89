import { vi } from 'vitest'
import { command, files } from '../../src/definition/tree-layers.ts'
import { child } from './child.ts'
import { temporaryDirectory } from './temporary.ts'
import { busyboxTree } from './trees.ts'

interface Said {
  readonly digest: string
  readonly answer: string
  readonly host: { readonly stdout: string; readonly listed: string[] }
  readonly layered: { readonly stdout: string; readonly listed: string[] }
  readonly cache: string[]
}

/** The results of one project under each umask, each with a separate cache. */
export async function underUmasks(...umasks: string[]): Promise<Said[]> {
  const { tree } = await busyboxTree()
  const layered = tree.with(
    files({ '/opt/deep/down/tool': 'text', '/etc/app/token': { content: 'x', mode: 0o640 } }),
    command(['sh', '-c', 'mkdir -p /opt/made/here && echo text >/opt/made/here/file']),
  )
  const running = []
  for (const umask of umasks) {
    vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
    running.push(child<Said>('under-umask.ts', umask, JSON.stringify(layered)))
  }
  vi.unstubAllEnvs()
  return Promise.all(running.map(async (each) => (await each).said))
}
