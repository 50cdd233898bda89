// Builds a tree and uses sessions under a umask: under-umask.ts UMASK TREE. Prints the results and the modes of files.
import { execFileSync } from 'node:child_process'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import { cacheDirectory } from '../../src/disk/directories.ts'
import { openInternal } from '../../src/open/open-session.ts'
import type { OpenedSession } from '../../src/open/session.ts'
import { buildTree } from '../../src/tree/make/build.ts'
import type { Tree } from '../../src/tree.ts'
import { redis, script } from './services.ts'

const [, , umask = '', definition = ''] = process.argv
process.umask(Number.parseInt(umask, 8))
const tree = JSON.parse(definition) as TreeDefinition

/** A service with a state, and files in subdirectories. */
const kept = (text: string) =>
  script(`exec sh -c '${text}; exec sleep 1000000'`, {
    state: {
      inputs: () => ({}),
      make: async ({ directory, exec, write }) => {
        await write({ 'made/here': 'text' })
        await exec([
          'sh',
          '-c',
          `mkdir ${directory}/programs; echo data >${directory}/programs/own`,
        ])
      },
    },
    files: () => ({ 'etc/app/conf': 'secret', 'run/start': { content: 'text', mode: 0o755 } }),
    clientFiles: () => ({ 'keys/id': 'secret' }),
  })

/** Uses of trees, and files of a manager in the tree: their names have numbers of one session. */
const OTHERS = /\/session-|cluster\/root\/run\/(log|systemd|user)\//

/** Every path below a directory with its mode, without paths that differ each time. */
function modes(directory: string): string[] {
  const argv = [directory, '-printf', '%y %m %P\n']
  const listed = execFileSync('find', argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return listed
    .split('\n')
    .filter((line) => line && !OTHERS.test(line))
    .sort()
}

async function used(session: OpenedSession<{ kept: ReturnType<typeof kept> }>) {
  const { exec } = await session.handle('kept')
  const { stdout } = await exec(['cat', '/srv/kept/etc/app/conf', '/srv/kept/programs/own'])
  const listed = modes(session.plan.paths.directory)
  await session.close()
  return { stdout, listed }
}

const built = await buildTree(tree)
await built.release()
const onHost = await openInternal({ services: { redis: redis(), kept: kept('true') } })
const answer = await (await onHost.handle('redis')).cli('PING')
const host = await used(onHost)
const inTree = await openInternal({
  tree: tree as Tree,
  isolation: 'chroot',
  services: { kept: kept('true') },
})
const layered = await used(inTree)
console.log(
  JSON.stringify({ digest: built.digest, answer, host, layered, cache: modes(cacheDirectory()) }),
)
