import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type FileSource, files, type Layer } from 'vitest-cluster/tree'
import { filesBelow } from './tree/files-below.ts'

/** Files that tell a checkout of version-control-tools from another directory. */
const MARKS = ['ansible/roles/hg-ssh', 'hgserver/pash', 'pylib/vcsreplicator', 'uv.lock']

const named = process.env['VCT_CHECKOUT']

/** Why there is no checkout, as one line; undefined if there is one. */
export const noCheckout: string | undefined = problemOf(named)

/** The absolute path of the checkout of version-control-tools that VCT_CHECKOUT names. */
export const checkout: string | undefined =
  named && noCheckout === undefined ? resolve(named) : undefined

function problemOf(path: string | undefined): string | undefined {
  const wanted = 'it must be the path of a checkout of mozilla/version-control-tools'
  if (!path) return `VCT_CHECKOUT is not set: ${wanted}`
  if (!isDirectory(path)) return `VCT_CHECKOUT=${path} is not a directory: ${wanted}`
  const missing = MARKS.filter((mark) => !exists(join(path, mark)))
  if (missing.length > 0) return `VCT_CHECKOUT=${path} has no ${missing.join(', ')}: ${wanted}`
  return undefined
}

/**
 * A file or directory of the checkout, for a layer of files. Modules of the example can be loaded without a checkout: only
 * the build of a tree then fails, with the reason in place of the path.
 */
export function fromCheckout(path: string): { readonly from: string } {
  return { from: checkout === undefined ? `/(${noCheckout})` : join(checkout, path) }
}

/** The text of a file of the checkout. */
export function textOf(
  path: string,
  change: (text: string) => string = (text) => text,
): FileSource {
  if (checkout === undefined) return fromCheckout(path)
  return { content: change(readFileSync(join(checkout, path), 'utf8')) }
}

/** A layer with all files of the checkout below a directory of the tree, without those of version control. */
export function checkoutAt(directory: string): Layer {
  return files(
    checkout === undefined ? { [directory]: fromCheckout('') } : filesBelow(checkout, directory),
  )
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
