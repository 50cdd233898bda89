// As the first process of a pid namespace, which reaps its own children and nobody else's: runs a module of this folder
// to its end, and says what that said, and which processes are there then.
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
