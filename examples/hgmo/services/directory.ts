import { ldap } from '@vitest-cluster/fixtures'
import { defineService, type ServiceDefinition } from 'vitest-cluster'
import { checkout } from '../checkout.ts'
import { ports } from '../ports.ts'

const BUILDER = `${checkout}/testing/docker/builder-ldap`
/** As rootdn and rootpw of its slapd.conf. */
const ADMIN = { dn: 'cn=admin,dc=mozilla', password: 'password' }

/** slapd with the schemas, the entries and the backend of the checkout. */
export function directory() {
  return ldap({
    suffix: 'dc=mozilla',
    schema: [`${BUILDER}/ssh_lpk.schema`, `${BUILDER}/mozilla.schema`],
    ldif: [`${BUILDER}/mozilla.ldif`],
    backend: 'ldif',
    adminDn: ADMIN.dn,
    adminPassword: ADMIN.password,
  })
}

/** Calls the checkout's own function. Its module also imports a library for ssh keys, which this function does not need. */
const LOGIN = `
import importlib.util, sys, types
import ldap

path, url, dn, password = sys.argv[1:]
sys.modules['paramiko'] = types.ModuleType('paramiko')
spec = importlib.util.spec_from_file_location('vcttesting_ldap', path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with open('/etc/mercurial/mirror.pub') as file:
    key = file.read()
try:
    module.LDAP(url, dn, password).create_vcs_sync_login(key)
except ldap.ALREADY_EXISTS:
    # The job runs again after a restart of the directory
    pass
`

/** The login of the mirrors, which pull by ssh: a job on hgssh, as `hgmo start` does it. */
export function vcsSyncLogin(): ServiceDefinition {
  return defineService({
    kind: 'vcs-sync',
    dependsOn: ['ldap-slapd'],
    user: 'root',
    command: () => [
      ...['/var/hg/venv_pash/bin/python', '-c', LOGIN],
      '/var/hg/version-control-tools/testing/vcttesting/ldap.py',
      ...[`ldap://ldap:${ports.ldap}`, ADMIN.dn, ADMIN.password],
    ],
    ready: 'exited',
  })
}
