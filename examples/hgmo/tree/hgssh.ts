import { roles, server } from './roles.ts'
import { venv } from './venv.ts'

/** The tree of hgssh: what `testing/docker/test-hgssh/Dockerfile` of the checkout makes. */
export const hgssh = server.with(
  ...venv('venv_pash', 'ansible/roles/hg-ssh-server/files/requirements-pash.txt'),
  ...venv('venv_tools', 'ansible/roles/hg-ssh/files/requirements-tools.txt'),
  ...venv('venv_bundles', 'ansible/roles/hg-ssh/files/requirements-bundles.txt'),
  ...venv('venv_testing', 'ansible/roles/test-hg-ssh/files/requirements-testing.txt'),
  ...roles('hgssh'),
)
