import { join } from 'node:path'
import { command, files, packages } from 'vitest-cluster/tree'
import { checkoutAt, fromCheckout } from '../checkout.ts'
import { base } from './base.ts'
import { filesBelow } from './files-below.ts'
import { UV_ENV } from './uv.ts'

/** What the tests call to reach the cluster. */
const CLIENT = join(import.meta.dirname, 'client')
const PATTERNS = { from: join(CLIENT, 'common-pattern.py') }

/**
 * Where testing/vcttesting/install_mercurials.py installs each version. The tests of the cluster use the deployed one only,
 * which the environment has, too.
 */
const DEPLOYED = `
import importlib.metadata, os
os.mkdir('/app/venv/mercurials')
os.symlink('..', '/app/venv/mercurials/' + importlib.metadata.version('mercurial'))
`

const env = { ...UV_ENV, VIRTUAL_ENV: '/app/venv' }

/** The client side, where the tests run: the checkout at /app/vct, its environment at /app/venv. */
export const runner = base.with(
  // backports.lzma is built from source; run-tests.py asks for unzip
  packages(['liblzma-dev', 'unzip']),
  files({
    '/usr/local/sbin/make-runner': {
      from: new URL('make-runner.sh', import.meta.url),
      mode: 0o755,
    },
    '/app/vct/pyproject.toml': fromCheckout('pyproject.toml'),
    '/app/vct/uv.lock': fromCheckout('uv.lock'),
  }),
  command(['make-runner', 'locked'], { network: true, env }),
  checkoutAt('/app/vct'),
  command(['make-runner', 'own'], { env }),
  command(['/app/venv/bin/python', '-c', DEPLOYED]),
  files({
    ...filesBelow(CLIENT, '/app/client'),
    '/app/vct/hgmo': { from: join(CLIENT, 'hgmo'), mode: 0o755 },
    '/app/vct/hgserver/tests/common-pattern.py': PATTERNS,
    '/app/vct/pylib/vcsreplicator/tests/common-pattern.py': PATTERNS,
  }),
)
