import { command, files } from 'vitest-cluster/tree'
import { checkoutAt, fromCheckout } from '../checkout.ts'
import { base } from './base.ts'
import { UV_ENV } from './uv.ts'

/** Builds the checkout's own packages without a network. */
const BUILD = `setuptools==68.2.2 --hash=sha256:b454a35605876da60632df1a60f736524eb73cc47bbc9f3f1ef1b644de74fd2a
wheel==0.45.1 --hash=sha256:708e7481cc80179af0e556bbf0cc00b8444c7321e2700b8d8580231d13017248
`

// As testing/docker/test-runner/Dockerfile: first all packages of the index, so that another state of the checkout's own
// code does not install them again
const SYNC = 'uv sync --active --frozen --no-dev --no-install-project --group test'
const LOCKED = `
uv venv --python /usr/bin/python3 "$VIRTUAL_ENV"
${SYNC} --directory /app/vct
uv pip install --require-hashes --requirement /app/build.txt
`
const OWN = `
${SYNC} --directory /app/vct --group local-test --offline --inexact --no-build-isolation
python3 -m compileall -q /app/vct/pylib /app/vct/testing /app/vct/hgext /app/vct/hghooks || true
`

const env = { ...UV_ENV, VIRTUAL_ENV: '/app/venv' }

/** The client side, where the tests run: the checkout at /app/vct, its environment at /app/venv. */
export const runner = base.with(
  files({
    '/app/build.txt': BUILD,
    '/app/vct/pyproject.toml': fromCheckout('pyproject.toml'),
    '/app/vct/uv.lock': fromCheckout('uv.lock'),
  }),
  command(['sh', '-ec', LOCKED], { network: true, env }),
  checkoutAt('/app/vct'),
  command(['sh', '-ec', OWN], { env }),
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
