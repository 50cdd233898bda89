import { setTimeout } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import type { Supervised, SupervisorCall } from './supervisor.ts'

/** supervisord calls a program started when it has been up for so many milliseconds (`startsecs`, 1 s by default). */
const START = 1000

/**
 * Does what supervisorctl would do, and says so in its words.
 * @returns the exit code: 1 if something could not be done, 2 for a wrong command line
 */
export async function supervise(
  cluster: Cluster,
  host: string,
  call: SupervisorCall | string,
  print: (line: string) => void,
): Promise<number> {
  if (typeof call === 'string') {
    print(call)
    return 2
  }
  const each = (done: (label: string, service: string) => Promise<string>) =>
    all(call.programs, print, done)
  const stop = () =>
    each(async (label, service) => {
      if (await cluster.down(host, service)) return `${label}: ERROR (not running)`
      await cluster.stop(host, service)
      return `${label}: stopped`
    })
  const start = () =>
    each(async (label, service) => {
      if (!(await cluster.down(host, service))) return `${label}: ERROR (already started)`
      await Promise.all([cluster.start(host, service), setTimeout(START)])
      const ended = await cluster.down(host, service)
      return ended ? `${label}: ERROR (spawn error)` : `${label}: started`
    })
  switch (call.action) {
    case 'stop':
      return stop()
    case 'start':
      return start()
    case 'restart':
      // Like supervisorctl, which starts what was not running
      await stop()
      return start()
    case 'status':
      return each(async (label, service) => {
        const state = (await cluster.down(host, service)) ? 'STOPPED' : 'RUNNING'
        return `${label.padEnd(32)} ${state}`
      })
  }
}

/** Does something with all programs at once, and prints a line for each when it is done. */
async function all(
  programs: readonly Supervised[],
  print: (line: string) => void,
  done: (label: string, service: string) => Promise<string>,
): Promise<number> {
  const lines = await Promise.all(
    programs.map(async ({ label, service }) => {
      const line = await lineOf(label, service, done)
      print(line)
      return line
    }),
  )
  return lines.some((line) => line.includes(': ERROR (')) ? 1 : 0
}

async function lineOf(
  label: string,
  service: string | undefined,
  done: (label: string, service: string) => Promise<string>,
): Promise<string> {
  if (service === undefined) return `${label}: ERROR (no such process)`
  try {
    return await done(label, service)
  } catch (error) {
    return `${label}: ERROR (${error instanceof Error ? error.message : error})`
  }
}
