import { command, files, type Layer } from 'vitest-cluster/tree'

/** uv(1) in the version of the checkout's roles. */
const LOCKED = `uv==0.11.15 \\
    --hash=sha256:98edf1bdaf82447014852051d93e3ee95012509c567bf057fd117e6bdbd9a807 \\
    --hash=sha256:be8f76d25bcf4c92bb384240ac1bf9aa7f51063d0bdeca4c9cf0ec3ed8b145e0
`

const INSTALL = `
python3 -m venv /opt/uv
/opt/uv/bin/pip --no-cache-dir --disable-pip-version-check install --require-hashes --requirement /opt/uv.txt
ln -s /opt/uv/bin/uv /usr/local/bin/uv
`

/** Layers with uv(1) as `/usr/local/bin/uv`. */
export const uv: readonly Layer[] = [
  files({ '/opt/uv.txt': LOCKED }),
  command(['sh', '-ec', INSTALL], { network: true }),
]

/** Variables of a command that runs uv(1). */
export const UV_ENV = {
  // The file systems of a layer: links between them are impossible
  UV_LINK_MODE: 'copy',
  UV_CACHE_DIR: '/tmp/uv',
  // Sessions cannot keep what Python compiles
  UV_COMPILE_BYTECODE: '1',
  UV_NO_PROGRESS: '1',
  UV_PYTHON_DOWNLOADS: 'never',
}
