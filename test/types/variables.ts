/** Compiled by `tsc --build`, never run: the types of `variables`. */
import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { expectTypeOf } from 'vitest'
import { type ChooseVariables, defineCluster, defineService } from 'vitest-cluster'
import plugin from 'vitest-cluster/plugin'

plugin({ env: true })
// @ts-expect-error env is a boolean
plugin({ env: ['LDAP_URL'] })

const database = defineService({
  kind: 'database',
  ports: ['sql'],
  values: () => ({ password: 'secret' }),
  command: ({ ports }) => ['database', `${ports.sql}`],
  ready: 'listening',
  handle: async ({ ports, values }) => ({
    port: ports.sql,
    password: values.password,
    socket: undefined as string | undefined,
    query: async (text: string) => text,
  }),
  variables: (handle) => {
    expectTypeOf(handle.port).toEqualTypeOf<number>()
    expectTypeOf(handle.query).toEqualTypeOf<(text: string) => Promise<string>>()
    expectTypeOf(handle.log.path).toEqualTypeOf<string>()
    expectTypeOf([handle.name, handle.kind, handle.unit]).toEqualTypeOf<string[]>()
    // @ts-expect-error a misspelt property of the handle
    void handle.pasword
    return { PGPORT: handle.port, PGPASSWORD: handle.password, PGHOST: handle.socket, PGSSL: true }
  },
})

defineService({
  kind: 'bare',
  command: () => ['bare'],
  ready: 'started',
  variables: async ({ name, log }) => ({ BARE: name, BARE_LOG: log.path }),
})
defineService({
  kind: 'web',
  command: () => ['web'],
  ready: 'started',
  handle: () => ({ url: 'http://127.0.0.1', hosts: ['a'] }),
  // @ts-expect-error a list is not the value of a variable
  variables: ({ hosts }) => ({ HOSTS: hosts }),
})

ldap({ suffix: 'dc=example', variables: ({ url, ldapsUrl }) => ({ LDAPURI: ldapsUrl ?? url }) })
ssh({ variables: ({ command, log }) => ({ GIT_SSH_COMMAND: command, SSHD_LOG: log.path }) })
// @ts-expect-error a property of another service
hgweb({ variables: ({ baseDn }) => ({ BASE: baseDn }) })

const uri: ChooseVariables<{ readonly url: string }> = ({ url, name }) => ({ [name]: url })

defineCluster({
  services: {
    database,
    directory: { ...ldap({ suffix: 'dc=example' }), variables: uri },
  },
})
