import type { Layer } from 'vitest-cluster/tree'
import { venv } from './venv.ts'

const SSH = 'ansible/roles/hg-ssh/files'
const WEB = 'ansible/roles/hg-web/files'

/** The environments that the roles hg-ssh, hg-ssh-server and test-hg-ssh make. */
export const hgsshVenvs: readonly Layer[] = [
  venv('venv_pash', 'ansible/roles/hg-ssh-server/files/requirements-pash.txt', { pip: true }),
  venv('venv_tools', `${SSH}/requirements-tools.txt`, { pip: true }),
  venv('venv_bundles', `${SSH}/requirements-bundles.txt`, { pip: true }),
  venv('venv_testing', 'ansible/roles/test-hg-ssh/files/requirements-testing.txt', { pip: true }),
].flat()

/** mod_wsgi of the role hg-web, which installs it beside the locked requirements. */
const MOD_WSGI =
  'mod_wsgi==4.7.1 --hash=sha256:eaeadc28d06ea42fa565c02b83504074ac558fca27f059e12bc5684d660e3cce'

/** The environments that the role hg-web makes. */
export const hgwebVenvs: readonly Layer[] = [
  venv('venv_hgweb', `${WEB}/requirements-hgweb.txt`, { also: [MOD_WSGI] }),
  venv('venv_replication', `${WEB}/requirements-replication.txt`),
  venv('venv_tools', `${WEB}/requirements-tools.txt`),
  venv('venv_tools_py3', `${WEB}/requirements-tools-py3.txt`),
].flat()
