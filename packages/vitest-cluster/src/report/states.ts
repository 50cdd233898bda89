import { constants } from 'node:os'
import type { ServiceReport } from '../observe/report-data.ts'
import type { ServiceEnd } from '../observe/service-end.ts'
import { type Cause, testsDuring } from './causes.ts'
import { Clock } from './clock.ts'
import type { Report } from './report.ts'
import { listed } from './words.ts'

const STATES: Readonly<Record<string, string>> = {
  'auto-restart': 'ended; systemd will restart it',
  exited: 'ended with exit code 0 (a one-off job)',
  active: 'running',
  activating: 'starting',
  reloading: 'running',
  deactivating: 'stopping',
}

/** The state of a service, or how, when and during which test it ended. Pure. */
export function stateWords(report: Report, service: ServiceReport): string {
  const { end, state, subState } = service
  if (!end) return STATES[subState] ?? STATES[state] ?? state
  return endWords(report, { ...service, end })
}

/** How a service ended, when, and during which test: the end of a sentence that begins with its name. Pure. */
export function endWords(report: Report, service: Cause['service']): string {
  const { end } = service
  if (end.at === undefined)
    return 'is not running; how it ended is unknown, because systemd has unloaded its unit'
  const time = new Clock(report.record, report.zone).time(end.at)
  return `${how(end)} at ${time}${during(report, service, end.at)}`
}

function how({ onPurpose, exitCode, signal }: ServiceEnd): string {
  if (onPurpose) return 'was stopped on purpose'
  if (signal !== undefined) return `was killed by signal ${signal}${nameOf(signal)}`
  return exitCode === undefined ? 'ended' : `ended with exit code ${exitCode}`
}

function nameOf(signal: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0]
  return name ? ` (${name})` : ''
}

function during(report: Report, service: Cause['service'], at: number): string {
  const running = testsDuring(report, service).map(({ name }) => `“${name}”`)
  if (running.length > 0) return ` during ${listed(running)}`
  const ran = report.tests.filter(({ begin }) => begin !== undefined)
  if (ran.length === 0) return ''
  if (ran.every(({ begin = 0 }) => begin > at)) return ', before the first test'
  return ran.every(({ end = at }) => end < at) ? ', after the last test' : ', between two tests'
}
