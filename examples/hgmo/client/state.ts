import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ports } from '../ports.ts'
import type { Cluster } from './cluster.ts'

/** The hosts of the cluster whose ports Docker publishes. */
export const SERVERS = ['hgssh', 'hgweb0', 'hgweb1', 'ldap', 'pulse'] as const

const KEYS = '/etc/mercurial/ssh'

/** The values of HgCluster.get_state() in vcttesting/hgmo.py, for `hgmo start` and `hgmo shellinit`. */
export async function clusterState(cluster: Cluster) {
  const addresses = await addressesOf(cluster)
  const { hgssh, hgweb0, hgweb1, ldap, pulse } = addresses
  const key = async (kind: string) => {
    // Without the comment
    const line = await contentOf(cluster, `${KEYS}/ssh_host_${kind}_key.pub`)
    return line.trim().split(' ').slice(0, 2).join(' ')
  }
  const [rsa, ed25519] = await Promise.all([key('rsa'), key('ed25519')])
  const kafka = (address: string) => `${address}:${ports.kafka}`
  return {
    pulse_hostname: pulse,
    pulse_hostport: ports.amqp,
    master_ssh_hostname: hgssh,
    master_ssh_port: ports.ssh,
    master_host_rsa_key: rsa,
    master_host_ed25519_key: ed25519,
    ldap_uri: `ldap://${ldap}:${ports.ldap}`,
    // The rootpw of testing/docker/builder-ldap/slapd.conf
    ldap_password: 'password',
    // What `docker` of tree/client calls a container
    master_id: 'hgssh',
    hgweb_0_url: `http://${hgweb0}:${ports.http}/`,
    hgweb_1_url: `http://${hgweb1}:${ports.http}/`,
    hgweb_0_cid: 'hgweb0',
    hgweb_1_cid: 'hgweb1',
    kafka_0_hostport: kafka(hgssh),
    kafka_1_hostport: kafka(hgweb0),
    kafka_2_hostport: kafka(hgweb1),
  }
}

/** The address of each host, by its name. */
export async function addressesOf(
  cluster: Cluster,
): Promise<Record<(typeof SERVERS)[number], string>> {
  const [hgssh, hgweb0, hgweb1, ldap, pulse] = await Promise.all([
    cluster.address('hgssh'),
    cluster.address('hgweb0'),
    cluster.address('hgweb1'),
    cluster.address('ldap'),
    cluster.address('pulse'),
  ])
  return { hgssh, hgweb0, hgweb1, ldap, pulse }
}

async function contentOf(cluster: Cluster, path: string): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([text(stdout), text(stderr)])
  const how = { user: 'root', cwd: '/', env: {}, input: new Uint8Array(), stdout, stderr }
  const code = await cluster.exec('hgssh', ['cat', path], how)
  stdout.end()
  stderr.end()
  const [content, complaint] = await texts
  if (code !== 0) throw new Error(`hgssh: ${complaint.trim()}`)
  return content
}
