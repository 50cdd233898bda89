import { dirname } from 'node:path'
import { withSite } from '../definition/site.ts'
import { ClusterError } from '../errors.ts'
import { treeProgress } from '../report/tree-progress.ts'
import {
  type PrebuildOptions,
  type PrebuiltTree,
  prebuildTree,
  prebuildTrees,
} from '../tree/prebuild.ts'
import { bytes, duration } from '../units.ts'
import { type Run, text } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { columns, print, printJson, styled } from './output.ts'

export const run: Run = async ({ words: [name], options }) => {
  const all = options['all'] === true
  if (all && name !== undefined) throw allOrOne()
  const path = configPath(text(options, 'config'))
  const definition = await loadDefinition(path)
  const how: PrebuildOptions = {
    baseDirectory: dirname(path),
    config: path,
    progress: treeProgress(process.stderr),
    update: options['update'] === true,
    verify: options['verify'] === true,
  }
  const building = all ? prebuildTrees(definition, how) : prebuildTree(definition, name, how)
  const built = await building.catch((error: unknown) => {
    throw withSite(error, path)
  })
  if (options['json']) printJson(built)
  else if (!Array.isArray(built)) printTree(built)
  else for (const tree of built) printOneOfAll(tree)
  return 0
}

function allOrOne(): ClusterError {
  return new ClusterError({
    code: 'USAGE',
    message: '--all and the name of a service or host cannot be used together',
    fix: 'vitest-cluster tree --all',
  })
}

function printOneOfAll({ of, ...tree }: PrebuiltTree & { readonly of: readonly string[] }): void {
  print(styled('bold', of.length > 0 ? of.join(', ') : "the cluster's tree"))
  printTree(tree)
  print('')
}

function printTree({ path, digest, key, size, files, steps, saved, verified }: PrebuiltTree): void {
  const rows = [
    ['path', path],
    ['digest', digest],
    ['key', key ?? '-  (a directory that is used in place, outside the cache)'],
  ]
  if (size !== undefined) rows.push(['size', `${bytes(size)}, ${files} files`])
  if (saved > 0) rows.push(['saved', `${duration(saved)} by the cache`])
  if (verified) rows.push(['verified', 'no file has changed since the tree was built'])
  const head = ['STEP', 'STATE', 'TOOK', 'KEY']
  const table = steps.map(({ title, state, took, key }) => [
    title,
    styled(state === 'made' ? 'yellow' : 'green', state),
    key ? duration(took) : '-',
    key?.slice(0, 12) ?? '-',
  ])
  print(...columns(rows), '', ...columns([head, ...table]))
}
