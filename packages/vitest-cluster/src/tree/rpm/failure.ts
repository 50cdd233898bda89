import type { RpmBase } from '../../definition/tree.ts'
import { ClusterError, type ClusterErrorDetails } from '../../errors.ts'
import { runFailed } from '../build/failure.ts'
import type { RunResult } from '../build/step.ts'

/** Lines that say nothing of what went wrong. */
const NOISE = /^\s*$|^=+$|^Unable to detect release version/

/** Tells from what dnf(8) printed what was wrong, and what to do about it. Pure. */
export function dnfFailure(
  result: RunResult,
  { repositories }: Pick<RpmBase, 'repositories'>,
): ClusterError {
  const { exitCode, lines } = result
  const said = lines.join('\n')
  const error = (details: Omit<ClusterErrorDetails, 'log'>) =>
    new ClusterError({ ...details, log: lines.filter((line) => !NOISE.test(line)).slice(-8) })
  if (exitCode === 127) {
    return new ClusterError({
      code: 'MISSING_PROGRAM',
      message: 'dnf is not installed',
      mend: 'sudo apt-get install dnf        # Debian, Ubuntu',
    })
  }
  const ids = repositories.map(({ id }) => id).join(', ')
  const unknown =
    /Unable to find a match: (.+)/.exec(said) ?? /No match for argument: (.+)/.exec(said)
  if (unknown) {
    const names = `${unknown[1]}`.trim().split(/\s+/)
    return new ClusterError({
      code: 'UNKNOWN_PACKAGE',
      message: `there is no package ${names.map((name) => `'${name}'`).join(', ')} in ${ids}`,
      mend: 'See its name, or add the repository that has it to repositories.',
    })
  }
  const lacking = /nothing provides (.+?) needed by (\S+)/.exec(said)
  if (lacking) {
    return error({
      code: 'UNKNOWN_PACKAGE',
      message: `nothing in ${ids} provides ${lacking[1]}, which ${lacking[2]} needs`,
      mend: 'Add the repository that has it to repositories.',
    })
  }
  if (
    /GPG check FAILED|is not signed|Public key for .* is not installed|they are not correct for this package|Failed to retrieve GPG key|signature/i.test(
      said,
    )
  ) {
    const which = /^Package (\S+) is not signed|Failing package is: (\S+)/m.exec(said)
    const name = which?.[1] ?? which?.[2] ?? 'a package'
    return error({
      code: 'TREE_SIGNATURE',
      message: `${name} is not signed by the key of its repository`,
      mend: "Give the key that the repository's packages are signed with: key: 'FILE or URL'. Without a key signatures are not looked at.",
    })
  }
  const repository = /repo(?:sitory)? '([^']+)'/.exec(said)?.[1]
  if (
    /Curl error|Cannot download|Failed to download|Error downloading packages|All mirrors were|checksum/i.test(
      said,
    )
  ) {
    const found = repositories.find(({ id }) => id === repository)
    const local = found?.url.startsWith('file:')
    return error({
      code: 'TREE_UNREACHABLE',
      message: found
        ? `the repository '${found.id}' cannot be read at ${found.url}`
        : `packages could not be fetched from ${ids}`,
      mend: local
        ? 'See that repodata/repomd.xml is there (createrepo_c DIRECTORY makes it), and that everybody may read it: root makes trees as another uid.'
        : 'See that its URL leads to the directory that has repodata/ (http_proxy and https_proxy are used).',
    })
  }
  if (/chown failed|lchown/.test(said)) {
    return error({
      code: 'TREE_FAILED',
      message: 'its packages have files of several accounts, and the tree has one uid',
      mend: 'Have subordinate uids: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"',
    })
  }
  return runFailed('dnf', result)
}
