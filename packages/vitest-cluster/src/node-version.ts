import { readFileSync } from 'node:fs'
import { ClusterError } from './errors.ts'
import { inRange } from './node-range.ts'

// Every entry point imports this file first: modules that are evaluated later may use what an older Node lacks
const { engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { readonly engines: { readonly node: string } }

if (!inRange(process.version, engines.node)) {
  throw new ClusterError({
    code: 'UNSUPPORTED_NODE',
    message: `vitest-cluster needs Node ${engines.node}, but this is Node ${process.version} (${process.execPath})`,
    fix: 'Install one of these versions, from https://nodejs.org or with a version manager such as nvm.',
  })
}
