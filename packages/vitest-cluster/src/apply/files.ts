import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import type { Files } from '../definition/service-fields.ts'
import { type FileOwner, HeldDirectory, NotFollowed } from '../disk/held-directory.ts'
import { ClusterError, errnoOf } from '../errors.ts'
import { hostDirectory } from '../plan/context.ts'
import type { Step } from '../plan/difference.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { settled } from '../settled.ts'

type FileStep = Extract<Step, { readonly path: string }>

interface WriteOptions {
  /** The session's directory, in which only the run can create links. The service's directory is at or below it. */
  readonly session: string
  readonly service: string
  /** The owner of the files; by default the user of the run. */
  readonly owner?: FileOwner | undefined
}

/** Writes and removes files of services and of their clients. */
export async function writeSteps(plan: SessionPlan, steps: readonly FileStep[]): Promise<void> {
  const { owner, paths } = plan
  const session = paths.directory
  const groups = Object.values(plan.services).flatMap(({ name, files, clientFiles }) => [
    { service: name, of: 'service', all: files, place: hostDirectory(plan, name), owner },
    { service: name, of: 'clients', all: clientFiles, place: join(paths.client, name) },
  ])
  await settled(
    groups.map(async ({ service, of, all, place, owner }) => {
      const mine = steps.filter((each) => each.service === service && each.of === of)
      const options = { session, service, owner }
      const gone = mine.filter(({ step }) => step === 'remove')
      await settled(gone.map(({ path }) => removeFile(place, path, options)))
      const written = mine.flatMap(({ step, path }) => {
        const file = step === 'write' ? all[path] : undefined
        return file ? [[path, file] as const] : []
      })
      await writeFiles(place, Object.fromEntries(written), options)
    }),
  )
}

/**
 * Writes a service's files below its directory, with mode 0600 unless a file has another mode. Replaces what exists under
 * a file's name. Follows no link: a service that ran before may have created links.
 * @throws ClusterError `INVALID_DEFINITION` for a path that leaves the directory, is a directory, or leads over a link
 */
export async function writeFiles(
  directory: string,
  files: Files,
  { session, service, owner }: WriteOptions,
): Promise<void> {
  if (Object.keys(files).length === 0) return
  const own = HeldDirectory.openBelow(session, directory)
  const held = await own.catch((error: unknown) => {
    throw notWritten(service, '.', error)
  })
  try {
    await settled(
      Object.entries(files).map(async ([path, file]) => {
        const within = relative('.', path)
        if (within === '' || /^[.][.](\/|$)/.test(within) || isAbsolute(path))
          throw invalid(service, path, "is outside the service's directory")
        const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o600 } : file
        try {
          const parent = await held.below(dirname(within), { mode: 0o755, owner })
          const written = parent.write(basename(within), content, { mode, owner })
          await written.finally(() => parent.close())
        } catch (error) {
          throw notWritten(service, path, error)
        }
      }),
    )
  } finally {
    await held.close()
  }
}

function notWritten(service: string, path: string, error: unknown): unknown {
  if (error instanceof NotFollowed)
    return invalid(service, path, `cannot be written: ${error.message}`, error)
  const isDirectory = ['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')
  return isDirectory ? invalid(service, path, 'cannot be written: it is a directory', error) : error
}

function invalid(service: string, path: string, what: string, cause?: unknown): ClusterError {
  return new ClusterError(
    {
      code: 'INVALID_DEFINITION',
      service,
      message: `the file ${JSON.stringify(path)} ${what}`,
      fix: "Use paths relative to the service's directory, without .. and without links.",
    },
    { cause },
  )
}

/** Removes a file below a service's directory, if it exists. Follows no link. */
async function removeFile(
  directory: string,
  path: string,
  { session, service }: WriteOptions,
): Promise<void> {
  try {
    const held = await HeldDirectory.openBelow(session, directory)
    const parent = await held.below(dirname(path)).finally(() => held.close())
    await parent.remove(basename(path)).finally(() => parent.close())
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw notWritten(service, path, error)
  }
}
