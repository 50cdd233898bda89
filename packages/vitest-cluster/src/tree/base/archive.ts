import { basename } from 'node:path'
import type { ArchiveBase } from '../../definition/tree.ts'
import type { Step } from '../build/step.ts'
import { archiveFile } from './archive-file.ts'

/** A root file system that is a tar, or an image as `docker save` and OCI tools write it. */
export function archiveStep(base: ArchiveBase): Step {
  const { source, sha256 } = base
  const remote = /^https?:/i.test(source)
  const name = basename(remote ? new URL(source).pathname : source) || source
  const title = `archive ${name}`
  return {
    kind: 'archive',
    title,
    async inputs(context) {
      return { sha256: sha256 ?? (await archiveFile(source, context, title)).sha256 }
    },
    make: async (build) =>
      (await import('./archive-make.ts')).makeArchive(base, build, { remote, name, title }),
  }
}
