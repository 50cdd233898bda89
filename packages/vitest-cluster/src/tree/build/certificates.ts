import { readFile } from 'node:fs/promises'

/** Where a program of a tree finds the certificates. */
const PATH = '/run/certificates.crt'
/** The variables that name them, each for other programs. */
const NAMES = [
  ...['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'NODE_EXTRA_CA_CERTS'],
  ...['PIP_CERT', 'REQUESTS_CA_BUNDLE'],
]

/**
 * The certificates of a machine whose proxy has an authority of its own, which no tree knows: those that `SSL_CERT_FILE`
 * names (openssl(1)), with the variables by which programs of the tree find them. Undefined without that variable.
 */
export async function hostCertificates(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<{ readonly content: Buffer; readonly env: Record<string, string> } | undefined> {
  const path = env['SSL_CERT_FILE']
  const content = path ? await readFile(path).catch(() => undefined) : undefined
  return content && { content, env: Object.fromEntries(NAMES.map((name) => [name, PATH])) }
}
