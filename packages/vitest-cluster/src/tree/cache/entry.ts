import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Uids } from '../../definition/service-fields.ts'
import type { Inputs } from '../build/step.ts'

/** To be increased when the format of entries changes: older entries are then not used. */
export const FORMAT = 3

/** The record of a tree in the cache: `entry.json` beside its files. */
export interface EntryRecord {
  readonly format: number
  readonly key: string
  readonly kind: string
  readonly title: string
  /** The key of the step below; undefined for a base. */
  readonly below: string | undefined
  readonly inputs: Inputs
  readonly resolved: Inputs
  readonly uids: Uids
  /** When the tree was built, in milliseconds since 1970. */
  readonly made: number
  readonly took: number
  /** Bytes and number of regular files. */
  readonly size: number
  readonly files: number
  /** The digest of all paths with their types, modes, owners, targets and contents. */
  readonly digest: string
  /** Lines of the manifest that are this layer's own, where `manifest` is that of the tree below. */
  readonly own: readonly string[]
}

/** A tree in the cache. */
export interface Entry extends EntryRecord {
  readonly directory: string
  /** Its files. */
  readonly path: string
}

/**
 * Reads an entry. Undefined if there is none, or one of another format. Synchronous, because every use of a tree reads it,
 * and that is faster for a short file.
 */
export function readEntry(directory: string): Entry | undefined {
  try {
    const record = JSON.parse(readFileSync(join(directory, 'entry.json'), 'utf8')) as EntryRecord
    if (record.format !== FORMAT) return undefined
    return { ...record, directory, path: join(directory, 'root') }
  } catch {
    return undefined
  }
}
