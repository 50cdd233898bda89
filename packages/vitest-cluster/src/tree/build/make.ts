import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../disk/modes.ts'
import { printable } from '../../printable.ts'
import { FORMAT } from '../cache/entry.ts'
import { takeLock } from '../cache/lock.ts'
import type { HeldEntry } from '../cache/store.ts'
import { clearWorkplaces, describeLeft, type Left, removeWorkplace } from '../cache/workplaces.ts'
import { resolvedKey } from './keys.ts'
import type { Sealed } from './seal.ts'
import type { PlannedStep, Site } from './site.ts'
import { relayProgress, sayProgress } from './status.ts'
import type { Build, Inputs, Patch, Step } from './step.ts'
import { workspace } from './workspace.ts'

/**
 * Makes a step under its lock, in a directory of its own, and puts it into the cache when it is whole. Whoever needs
 * the same step meanwhile waits for it.
 * @param look what to use instead, if somebody has made it by now
 */
export async function makeStep(
  site: Site,
  { step, inputs }: PlannedStep,
  wanted: string,
  below: HeldEntry | undefined,
  look: () => HeldEntry | undefined,
  onBegin: () => Promise<void>,
): Promise<{ entry: HeldEntry; by: 'us' | 'another' }> {
  const { store, ids, context, progress } = site
  const lockFile = store.lockFile(wanted)
  let relay: (() => void) | undefined
  const locking = takeLock(lockFile, () => {
    relay = relayProgress(lockFile, (message) =>
      progress({ step: step.title, kind: 'waiting', message: `another run makes it: ${message}` }),
    )
  })
  // Meanwhile, for it takes as long
  const patching = step.patch && below && preparePatch(step.patch(below, context))
  patching?.catch(() => {})
  const lock = await locking.finally(() => relay?.())
  const warn = (left: Left) =>
    progress({ step: step.title, kind: 'note', message: describeLeft(left) })
  let directory: string | undefined
  try {
    const there = look()
    if (there) return { entry: there, by: 'another' }
    const left = await clearWorkplaces(store, ids, wanted)
    await onBegin()
    left.forEach(warn)
    const begun = performance.now()
    directory = await store.workplace(wanted, ids.base)
    const lower = below && `../../entries/${below.key}/root`
    const tell = (kind: 'progress' | 'note') => (message: string) =>
      progress({ step: step.title, kind, message: printable(message) })
    const say = sayProgress(lockFile, tell('progress'))
    const note = tell('note')
    const { downloads } = store
    const build = workspace({ ...context, ...ids, directory, lower, downloads, say, note })
    const { sealed, resolved } = await made(site, step, build, below, patching)
    const key = step.resolved ? resolvedKey(wanted, resolved) : wanted
    const known = store.isWhole(key)
    if (!known) {
      const entry = join(directory, 'entry')
      const path = join(entry, 'root')
      await makeDirectory(entry, 0o711)
      await rename(join(directory, 'tree'), path)
      await sealed.keepManifest(join(entry, 'manifest'))
      const record = {
        format: FORMAT,
        key,
        kind: step.kind,
        title: step.title,
        below: below?.key,
        inputs,
        resolved,
        uids: ids.uids,
        made: Date.now(),
        took: Math.round(performance.now() - begun),
        ...sealed.record,
      }
      const traits = sealed.traits(path)
      await writeFile(join(entry, 'traits.json'), JSON.stringify(traits), { mode: 0o600 })
      await writeFile(join(entry, 'entry.json'), JSON.stringify(record), { mode: 0o600 })
      await store.publish(key, entry, join(directory, 'unreadable'))
    }
    if (step.resolved) await store.resolve(wanted, key)
    // Nobody has had the time to change what was made just now
    const entry = known ? store.take(key) : store.takeAsIs(key)
    if (!entry) throw new Error(`the cache has lost ${key} in a moment`)
    return { entry, by: 'us' }
  } catch (error) {
    const { explainFailure } = await import('./failure.ts')
    throw await explainFailure(error, step.title, store.directory)
  } finally {
    const left = directory && (await removeWorkplace(directory, ids))
    if (left) warn(left)
    lock.release()
  }
}

/** A layer of files with what applies it, loaded when needed. */
async function preparePatch(reading: Promise<Patch>) {
  const [{ patchTree }, patch] = await Promise.all([import('./patch.ts'), reading])
  return { patchTree, patch }
}

async function made(
  site: Site,
  step: Step,
  build: Build,
  below: HeldEntry | undefined,
  patching: ReturnType<typeof preparePatch> | undefined,
): Promise<{ sealed: Sealed; resolved: Inputs }> {
  if (patching && below) {
    const { patchTree, patch } = await patching
    return { sealed: await patchTree(site, build, below, patch), resolved: {} }
  }
  below?.look()
  await step.make(build)
  const resolved = (await step.resolved?.(build)) ?? {}
  const { seal } = await import('./seal.ts')
  return { sealed: await seal(build, below), resolved }
}
