import type { Membership } from './target/member.ts'
import { type WatchedRun, watchedRun } from './watched-run.ts'

/** How many of the sessions share a process. */
const TOGETHER = 4

/** Opens many sessions at the same time and holds them until all are in use. Resolves with the failures. */
export async function crowd(atOnce: number, say: (line: string) => void): Promise<string[]> {
  await using stack = new AsyncDisposableStack()
  const began = performance.now()
  const members: WatchedRun[] = []
  for (let rest = atOnce; rest > 0; rest -= TOGETHER)
    members.push(stack.use(watchedRun('program', ['member.ts', `${Math.min(rest, TOGETHER)}`])))
  const inUse = await Promise.all(members.map(({ run }) => run.begins('close 1')))
  const all = ((performance.now() - began) / 1000).toFixed(1)
  for (const { run } of members) run.child.stdin?.end()
  await Promise.all(members.map(({ run }) => run.ended))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)

  const wrong: string[] = []
  for (const [index, { run }] of members.entries()) {
    const { exitCode, signalCode } = run.child
    if (exitCode !== 0 || !inUse[index])
      wrong.push(`a member ended with ${exitCode ?? signalCode}:\n${run.output}`)
  }
  for (const member of members) wrong.push(...(await member.left()).map((line) => `left: ${line}`))
  const memberships = members.flatMap(({ run }) => told(run.output))
  const ports = memberships.flatMap((membership) => membership.ports)
  if (new Set(ports).size !== ports.length) wrong.push(`sessions share a port: ${ports}`)
  say(
    `${atOnce} sessions at once in ${members.length} processes: all in use after ${all} s, all closed after ${seconds} s, ${ports.length} ports; ${wrong.length} faults`,
  )
  return wrong
}

function told(output: string): Membership[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}
