import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(resolve(root, path), 'utf8')

test.for(['vitest-cluster', 'fixtures'])(
  'the reference has a page for each entry of %s',
  (name) => {
    const json = JSON.parse(read(`packages/${name}/package.json`)) as {
      name: string
      exports: Record<string, unknown>
    }
    const entries = Object.keys(json.exports)
      .filter((path) => path !== './package.json')
      .map((path) => `${json.name}${path.slice(1)}`)
    expect(
      [...read('docs/api/README.md').matchAll(/^- \[(.+?)\]/gm)].map(([, page]) => page),
    ).toEqual(expect.arrayContaining(entries))
  },
)
