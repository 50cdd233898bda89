import { ClusterError } from '../errors.ts'
import { type Cleaned, clean, userNames } from '../lifetime/clean.ts'
import { bytes } from '../units.ts'
import { type Invocation, type Run, text } from './command.ts'
import { printJson, tell } from './output.ts'
import { size } from './size.ts'
import { seconds } from './time.ts'

export const run: Run = async ({ options }) => {
  const tree = text(options, 'tree')
  const olderThan = seconds(options, 'older-than')
  const maxSize = size(options, 'max-size')
  const trees = options['trees'] === true
  const states = options['states'] === true
  if (tree !== undefined) alone(options)
  // --older-than alone applies to all caches
  const all = options['all'] === true || (olderThan !== undefined && !trees && !states)
  const cleaned = await clean({
    trees: trees || all,
    states: states || all,
    downloads: all,
    ...{ tree, olderThan, maxSize },
    onWait: () => tell('waiting: another clean is running'),
  })
  if (options['json']) printJson(cleaned)
  else print(cleaned)
  return cleaned.left.length > 0 ? 1 : 0
}

function alone(options: Invocation['options']): void {
  const others = ['trees', 'states', 'all', 'older-than', 'max-size']
  const other = others.find((name) => options[name] !== undefined)
  if (other === undefined) return
  const message = `--tree and --${other} cannot be used together`
  const fix = 'vitest-cluster clean --tree KEY'
  throw new ClusterError({ code: 'USAGE', message, fix })
}

function print({ sessions, trees, kept, states, left, downloads, freed }: Cleaned): void {
  tell(sessions.length ? `removed dead sessions: ${sessions.join(', ')}` : 'no dead sessions')
  for (const { title, key, bytes: count } of trees)
    tell(`removed the tree ${title} (${key.slice(0, 12)}, ${bytes(count)})`)
  for (const { kind, key, bytes: count } of states)
    tell(`removed a state of ${kind} (${key.slice(0, 12)}, ${bytes(count)})`)
  if (downloads === undefined) tell('kept the downloads: a tree is being built')
  else if (downloads > 0) tell(`removed the downloads (${bytes(downloads)})`)
  for (const { title, key, users } of kept) {
    const who = userNames(users) || 'another process'
    tell(`kept the tree ${title} (${key.slice(0, 12)}): used by ${who}`)
  }
  for (const { path, why } of left)
    tell(`could not remove ${path}: ${why}\n  By hand: sudo rm -rf ${path}`)
  if (freed > 0) tell(`freed ${bytes(freed)}`)
}
