import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuiltTree } from './built.ts'
import { changes } from './changes.ts'
import { sha256 } from './hashes.ts'
import type { PlannedStep, Site } from './site.ts'
import type { Inputs } from './step.ts'

/** A tree that is used where it is. Says what has changed in it since it was last used. */
export async function treeInPlace(
  { store, progress }: Site,
  { step, inputs }: PlannedStep,
  path: string,
): Promise<BuiltTree> {
  const digest = sha256(JSON.stringify(inputs))
  const before = await remember(join(store.directory, 'seen'), path, digest, inputs)
  if (before) {
    const earlier = { ...step, inputs: before, below: undefined, made: 0 }
    progress({
      step: step.title,
      kind: 'note',
      message: changes(step, inputs, undefined, [earlier]),
    })
  }
  const steps = [{ title: step.title, key: undefined, state: 'cached' as const, took: 0 }]
  const nothing = async () => {}
  return { path, digest, key: undefined, steps, saved: 0, lend: nothing, release: nothing }
}

/**
 * Keeps what a directory was like, in a file named by its path and its digest: there is nothing to read while it stays
 * the same.
 * @returns what it was like before, if it was otherwise
 */
async function remember(
  directory: string,
  path: string,
  digest: string,
  inputs: Inputs,
): Promise<Inputs | undefined> {
  const prefix = `${sha256(path).slice(0, 16)}-`
  const name = `${prefix}${digest.slice(0, 32)}`
  const names = (await readdir(directory).catch(() => [])).filter((each) => each.startsWith(prefix))
  if (names.includes(name)) return undefined
  // What cannot be written costs a message of the next run
  await mkdir(directory, { recursive: true, mode: 0o700 })
    .then(() => writeFile(join(directory, name), JSON.stringify(inputs), { mode: 0o600 }))
    .catch(() => {})
  const [last] = names
  const text = last && (await readFile(join(directory, last), 'utf8').catch(() => undefined))
  for (const each of names) await rm(join(directory, each), { force: true })
  try {
    return text ? (JSON.parse(text) as Inputs) : undefined
  } catch {
    // half of it, by a run that was killed
    return undefined
  }
}
