import { type FoundSession, findSessions } from '../session/find.ts'
import { duration } from '../units.ts'
import type { Run } from './command.ts'
import { columns, print, printJson, styled, tell } from './output.ts'

const HEAD = ['SESSION', 'STATE', 'FOR', 'SERVICES', 'AGE', 'EXPIRES IN', 'OWNER', 'DEFINITION']

export const run: Run = async ({ options }) => {
  const sessions = await findSessions()
  if (options['json']) {
    printJson(sessions.map(plain))
  } else if (sessions.length === 0) {
    tell('no sessions')
  } else {
    print(...columns([HEAD, ...sessions.map(row)]))
    if (sessions.some(({ state }) => state === 'dead')) {
      tell(
        'dead sessions are removed when the next session opens; to remove them now: npx vitest-cluster clean',
      )
    }
  }
  return 0
}

/** The fields of a session for JSON, without its secrets. */
function plain({ id, directory, state, record }: FoundSession) {
  const { purpose, config, owner, opened, until, plan } = record ?? {}
  const services = Object.keys(plan?.services ?? {})
  return {
    session: id,
    directory,
    state,
    purpose,
    config,
    owner: owner?.pid,
    opened,
    until,
    services,
  }
}

function row({ id, state, record }: FoundSession): string[] {
  const paint = { up: 'green', starting: 'yellow', dead: 'red' } as const
  const start = [id, styled(paint[state], state)]
  if (!record) return [...start, '-', '-', '-', '-', '-', '-']
  const { purpose, config, owner, opened, until, plan } = record
  return [
    ...start,
    purpose,
    `${Object.keys(plan.services).length}`,
    duration(Date.now() - opened),
    until === undefined ? '-' : duration(until - Date.now()),
    `${owner.pid}`,
    config ?? '-',
  ]
}
