import { dirname } from 'node:path'
import { withSite } from '../definition/site.ts'
import { treeProgress } from '../report/tree-progress.ts'
import { type PrebuiltTree, prebuildTree } from '../tree/prebuild.ts'
import { bytes, duration } from '../units.ts'
import { type Run, text } from './command.ts'
import { configPath, loadDefinition } from './definition.ts'
import { columns, print, printJson, styled } from './output.ts'

export const run: Run = async ({ words, options }) => {
  const path = configPath(text(options, 'config'))
  const definition = await loadDefinition(path)
  const built = await prebuildTree(definition, {
    service: words[0],
    baseDirectory: dirname(path),
    config: path,
    progress: treeProgress(process.stderr),
    update: options['update'] === true,
    verify: options['verify'] === true,
  }).catch((error: unknown) => {
    throw withSite(error, path)
  })
  if (options['json']) printJson(built)
  else printTree(built)
  return 0
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
