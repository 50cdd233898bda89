import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { type ClusterDefinition, defineCluster, defineService } from 'vitest-cluster'
import { draw } from '../draw.ts'

/** What {@link careless} calls its files in /dev/shm begins so, in a run with this TMPDIR. */
export const sharedName = (directory: string) => `vitest-cluster-attack-${basename(directory)}-`

/** How large its System V segments are there, which have no name: nobody else's are. None of it is ever in use. */
export const sharedSize = (directory: string) =>
  4096 + Math.floor(draw('size', basename(directory)) * 2 ** 24)

/**
 * Takes its time to stop, and removes neither its shared memory nor its file in /dev/shm: as a database does that is killed.
 */
const careless = defineService({
  kind: 'careless',
  command: () => [
    '/bin/sh',
    '-c',
    `
      trap 'echo saves; sleep 0.1; exit 0' TERM
      : >/dev/shm/${sharedName(tmpdir())}$$
      ipcmk --shmem ${sharedSize(tmpdir())} >/dev/null
      echo ready
      while :; do sleep 60 & wait $!; done
    `,
  ],
  ready: { logLine: '^ready$' },
  stopSignal: 'SIGTERM',
})

/** The quickstart's services, and one that is stopped by a signal of its own. */
export const quickstart = defineCluster({
  services: {
    ldap: ldap({ suffix: 'dc=example' }),
    ssh: ssh({ authorizedKeys: { from: 'ldap' } }),
    hgweb: hgweb({ repositories: ['demo'] }),
    careless,
  },
})

/** For a machine that lacks the programs of the quickstart. */
export const plain = defineCluster({ services: { careless, other: careless } })

/** Whether the quickstart's programs are there. */
export const hasPrograms = ['slapd', 'sshd', 'hg'].every(isProgram)

/** What is attacked on this machine. */
export const cluster: ClusterDefinition = hasPrograms ? quickstart : plain

function isProgram(name: string): boolean {
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`
  return path.split(':').some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
