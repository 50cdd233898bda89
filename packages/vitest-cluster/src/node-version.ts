import { readFileSync } from 'node:fs'
import { ClusterError } from './errors.ts'
import { inRange } from './node-range.ts'

// The first import of every entry: modules that are evaluated after it may use what an older Node lacks
const { engines } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { readonly engines: { readonly node: string } }

if (!inRange(process.version, engines.node)) {
  throw new ClusterError({
    code: 'UNSUPPORTED_NODE',
    message: `vitest-cluster needs Node ${engines.node}, and this is ${process.version} (${process.execPath})`,
    fix: 'Run it with one of these, from https://nodejs.org or a version manager such as nvm.',
  })
}
