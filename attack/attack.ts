/**
 * npm run attack -- [--kills 500] [--sessions 1000] [--at-once 32] [--seed N] [--only kills|row|crowd] [--try N] [--out FILE]
 *
 * Kills sessions at random instants, opens many in a row and many at once, and looks for what they leave. Exits with 1 when
 * something was left, hung or ended wrongly. The same seed gives the same tries; --try makes the one of that number.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { crowd } from './crowd.ts'
import { failed, kills } from './kills.ts'
import { isPrivate, machine } from './machine.ts'
import { options } from './options.ts'
import { row } from './row.ts'
import { kindsLeft, table } from './table.ts'

const {
  kills: count,
  sessions,
  atOnce,
  seed,
  parts,
  try: only,
  out,
} = options(process.argv.slice(2))
/** So many faults of a part are printed. */
const MOST = 40

let passed = true

if (out) writeFileSync(out, '')
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128))

function say(line: string): void {
  console.log(line)
  if (out) appendFileSync(out, `${line}\n`)
}

say(`${new Date().toISOString()} ${await machine()}`)
say(`seed ${seed}`)

if (parts.includes('kills')) {
  const began = performance.now()
  const { outcomes, missed } = await kills({ kills: count, seed, only, isPrivate, say })
  const minutes = ((performance.now() - began) / 60_000).toFixed(1)
  say(`\n${table(outcomes)}\n`)
  say(
    `${outcomes.filter(({ hit }) => hit).length} kills in ${minutes} min; ${missed} came too late; left (tries): ${kindsLeft(outcomes)}`,
  )
  if (outcomes.length === 0 || outcomes.some(failed)) passed = false
}

const wrong = [
  ...(parts.includes('row') ? await row(sessions, say) : []),
  ...(parts.includes('crowd') ? await crowd(atOnce, say) : []),
]
for (const line of wrong.slice(0, MOST)) say(line)
if (wrong.length > MOST) say(`and ${wrong.length - MOST} more`)

process.exitCode = passed && wrong.length === 0 ? 0 : 1
