// @module-tag user
// @module-tag systemd
/** Users, groups and host names of the definition, as programs of the trees look them up. */
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { defineCluster, defineService, openSession } from 'vitest-cluster'
import { ISOLATIONS, reason } from '../support/isolations.ts'

const cluster = defineCluster({
  names: {
    accounts: [{ name: 'aggregate', uid: 5601 }],
    groups: [{ name: 'scm', gid: 5001, members: ['hg', 'bob@example.com'] }],
    hosts: { 'hg.example.org': '127.0.0.2', six: 'fe80::1' },
    nsswitch: { passwd: ['files', '[NOTFOUND=return]', 'systemd'], rpc: ['files'] },
  },
  services: {
    idle: defineService({
      kind: 'idle',
      programs: ['sleep'],
      accounts: [{ name: 'hg', uid: 500 }],
      user: 'hg',
      command: () => ['sleep', 'infinity'],
      ready: 'started',
    }),
  },
})

for (const isolation of ISOLATIONS) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  describe.skipIf(missing)(title, () => {
    test('programs find the names of the definition, and the host name', async () => {
      await using session = await openSession(defineCluster({ ...cluster, isolation }))
      const { exec } = await session.handle('idle')
      const said = async (command: string) => (await exec(['sh', '-c', command])).stdout
      expect(await said('grep -E "^(passwd|rpc):" /etc/nsswitch.conf')).toBe(
        'passwd: files [NOTFOUND=return] systemd\nrpc: files\n',
      )
      expect(await said('getent ahosts hg.example.org | head -n 1; getent hosts six')).toMatch(
        /^127\.0\.0\.2 +STREAM hg\.example\.org\nfe80::1 +six\n$/,
      )
      // As sudo looks it up: what gethostname(2) returns in the tree
      expect(await said('getent ahostsv4 "$(uname -n)" | head -n 1')).toMatch(/^127\.0\.0\.1 /)
      if (isolation === 'chroot' || isolation === 'range')
        expect(await said('uname -n')).toBe(`${hostname()}\n`)
      expect(await said('getent group scm')).toBe('scm:x:5001:hg,bob@example.com\n')
      if (isolation === 'chroot') return
      expect(await said('id; id aggregate')).toBe(
        'uid=500(hg) gid=500(hg) groups=500(hg),999(session),5001(scm)\nuid=5601(aggregate) gid=5601(aggregate) groups=5601(aggregate),999(session)\n',
      )
      expect(await said('stat -c "%u:%g" /srv/idle /home/hg /home/aggregate')).toBe(
        '500:500\n500:500\n5601:5601\n',
      )
    })
  })
}

test('a source without its library is an error with the package', async () => {
  const names = { nsswitch: { passwd: ['files', 'missing_source'] } }
  await expect(openSession(defineCluster({ ...cluster, names }))).rejects.toMatchObject({
    code: 'MISSING_PROGRAM',
    message: expect.stringContaining(
      'the database passwd has the source missing_source (nsswitch.conf), but its library libnss_missing_source.so.2 is not installed',
    ),
    details: { fix: expect.stringContaining('libnss-missing') },
  })
})
