import { roles, server } from './roles.ts'
import { venv } from './venv.ts'

/** The role installs it besides its requirements. */
const MOD_WSGI =
  'mod_wsgi==4.7.1 --hash=sha256:eaeadc28d06ea42fa565c02b83504074ac558fca27f059e12bc5684d660e3cce'

/** The tree of hgweb0 and hgweb1: what `testing/docker/test-hgweb/Dockerfile` of the checkout makes. */
export const hgweb = server.with(
  ...venv('venv_hgweb', 'ansible/roles/hg-web/files/requirements-hgweb.txt', { also: [MOD_WSGI] }),
  ...venv('venv_replication', 'ansible/roles/hg-web/files/requirements-replication.txt'),
  ...venv('venv_tools', 'ansible/roles/hg-web/files/requirements-tools.txt'),
  ...venv('venv_tools_py3', 'ansible/roles/hg-web/files/requirements-tools-py3.txt'),
  ...roles('hgweb'),
)
