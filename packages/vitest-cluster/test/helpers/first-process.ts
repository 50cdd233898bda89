// The first process of a pid namespace, which reaps only its own children. Runs a module of this folder to its end, and
// prints the module's output and the processes that are left.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const [, , module = '', ...argv] = process.argv
const script = fileURLToPath(new URL(module, import.meta.url))
const { stdout } = await execa(process.execPath, [script, ...argv], { stdin: 'ignore' })
const left = readdirSync('/proc').flatMap((pid) => {
  if (!/^\d+$/.test(pid) || pid === '1') return []
  const [, name = '', state] = /\((.*)\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  return [`${name} ${state}`]
})
console.log(JSON.stringify({ said: JSON.parse(stdout.split('\n').at(-1) ?? ''), left }))
