import { command, files, packages } from 'vitest-cluster/tree'
import { checkoutAt, fromCheckout } from '../checkout.ts'
import { base } from './base.ts'
import { UV_ENV } from './uv.ts'

const env = { ...UV_ENV, VIRTUAL_ENV: '/app/venv' }

/** The client side, where the tests run: the checkout at /app/vct, its environment at /app/venv. */
export const runner = base.with(
  // backports.lzma is built from source
  packages(['liblzma-dev']),
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
  files({
    '/app/vct/hgmo': { from: new URL('client/hgmo', import.meta.url), mode: 0o755 },
    ...Object.fromEntries(
      ['hgserver/tests', 'pylib/vcsreplicator/tests'].map((directory) => [
        `/app/vct/${directory}/common-pattern.py`,
        { from: new URL('client/common-pattern.py', import.meta.url) },
      ]),
    ),
    '/app/client': { from: new URL('client', import.meta.url) },
  }),
)
