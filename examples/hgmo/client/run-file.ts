import { Writable } from 'node:stream'
import { ports } from '../ports.ts'
import type { Cluster } from './cluster.ts'
import { serveControl } from './control.ts'
import { harnessOutcome, type Outcome, pythonOutcome } from './harness.ts'
import { addressesOf } from './state.ts'
import type { TestFile } from './tests.ts'

/** Where the runner's tree has the checkout, its environment, and the files of tree/client. */
const [CHECKOUT, VENV, CLIENT] = ['/app/vct', '/app/venv', '/app/client'] as const

/** What the test runner's image of the checkout sets. */
const ENVIRONMENT = {
  VIRTUAL_ENV: VENV,
  PATH: `${VENV}/bin:${CLIENT}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  PYTHONUNBUFFERED: '1',
  // The account that the harness runs as
  USER: 'root',
}

/**
 * Docker Compose calls the machine of the tests so. ssh-keygen writes the name into keys, and test-pash-auth.t counts the
 * lines that a key has in LDIF.
 */
const NAMED = ['unshare', '--uts', 'sh', '-c', 'hostname test-runner; exec "$@"', 'sh'] as const

/** Options of {@link runFile}. */
export interface RunOptions {
  /** Seconds until the harness ends a test. */
  readonly timeout: number
  /** Gets what the harness prints, as it comes. */
  readonly progress?: Writable
}

/** Runs one test file of the checkout on the host `runner` of a cluster. */
export async function runFile(
  cluster: Cluster,
  file: TestFile,
  { timeout, progress }: RunOptions,
): Promise<Outcome> {
  await using control = await serveControl(cluster)
  const env = { ...ENVIRONMENT, ...control.env, ...(file.cluster && (await addresses(cluster))) }
  const program = file.kind === 't' ? harness(file.path, timeout) : python(file.path)
  const chunks: Buffer[] = []
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      progress?.write(chunk)
      done()
    },
  })
  const how = { user: 'root', cwd: CHECKOUT, env, input: new Uint8Array(), stdout, stderr: stdout }
  const exitCode = await cluster.exec('runner', [...NAMED, ...program], how)
  const output = Buffer.concat(chunks).toString()
  return file.kind === 't' ? harnessOutcome(output, exitCode) : pythonOutcome(output, exitCode)
}

function harness(path: string, timeout: number): string[] {
  return [
    ...[`${VENV}/bin/python`, `${CLIENT}/harness.py`],
    ...['--with-hg', `${VENV}/bin/hg`, '--jobs', '1', '--timeout', `${timeout}`],
    // $HGPORT of the tests is the port of the cluster's sshd
    ...['--port', `${ports.ssh}`, path],
  ]
}

/** As run_nose_tests() of vcttesting/testing.py. */
function python(path: string): string[] {
  return [`${VENV}/bin/python`, '-m', 'nose.core', '-s', '--nologcapture', path]
}

/**
 * The address at which tests reach the cluster by ssh, and all that are called $DOCKER_HOSTNAME in their output:
 * tree/client/common-pattern.py
 */
async function addresses(cluster: Cluster): Promise<Readonly<Record<string, string>>> {
  const known = await addressesOf(cluster)
  return { DOCKER_HOSTNAME: known.hgssh, HGMO_ADDRESSES: Object.values(known).join(' ') }
}
