import { command, files, type Layer } from 'vitest-cluster/tree'
import { textOf } from '../checkout.ts'
import { UV_ENV } from './uv.ts'

/** Options of {@link venv}. */
export interface VenvOptions {
  /** Where it is; `/var/hg/NAME` by default. */
  readonly path?: string
  /** Further requirements, each with its hash: `mod_wsgi==4.7.1 --hash=sha256:…`. */
  readonly also?: readonly string[]
  /** Whether it has pip and setuptools, as those that `python3 -m venv` makes. False by default. */
  readonly pip?: boolean
}

/**
 * A virtual environment with the packages of a hash-locked requirements file of the checkout. The tree below must have uv.
 * @param requirements the file's path in the checkout
 */
export function venv(
  name: string,
  requirements: string,
  { path = `/var/hg/${name}`, also = [], pip = false }: VenvOptions = {},
): Layer[] {
  const make = pip ? ['python3', '-m', 'venv'] : ['uv', 'venv', '--python', '/usr/bin/python3']
  const text = textOf(requirements, (locked) => [withoutLinks(locked), ...also, ''].join('\n'))
  return [
    files({
      '/usr/local/sbin/make-venv': { from: new URL('make-venv.sh', import.meta.url), mode: 0o755 },
      [`${path}.txt`]: text,
    }),
    command(['make-venv', path, ...make], { network: true, env: UV_ENV }),
  ]
}

/** Leaves out lines that name a host besides the package index: hashes tell whether a package is the right one. */
function withoutLinks(locked: string): string {
  return locked.replace(/^--find-links .*\n/gm, '')
}
