import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { type ClusterDefinition, defineCluster, defineService } from 'vitest-cluster'
import { draw } from '../draw.ts'

/** The prefix of the files of {@link careless} in /dev/shm, in a run with this TMPDIR. */
export const sharedName = (directory: string) => `vitest-cluster-attack-${basename(directory)}-`

/**
 * The size of its System V segments, which have no name: no other process has segments of this size. They are never
 * used.
 */
export const sharedSize = (directory: string) =>
  4096 + Math.floor(draw('size', basename(directory)) * 2 ** 24)

/**
 * A service that stops slowly, and removes neither its shared memory nor its file in /dev/shm, like a database that is
 * killed.
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

/** The quickstart's services, and one with another stop signal. */
export const quickstart = defineCluster({
  services: {
    ldap: ldap({ suffix: 'dc=example' }),
    ssh: ssh({ authorizedKeys: { from: 'ldap' } }),
    hgweb: hgweb({ repositories: ['demo'] }),
    careless,
  },
})

/** A cluster for machines without the programs of the quickstart. */
export const plain = defineCluster({ services: { careless, other: careless } })

/** Whether the quickstart's programs are installed. */
export const hasPrograms = ['slapd', 'sshd', 'hg'].every(isProgram)

/** The cluster that is attacked on this machine. */
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
