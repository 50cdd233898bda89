import type { StartTimes } from '../observe/start-times.ts'
import type { Phase } from '../session/phases.ts'

/** How a session opened. */
export interface Opening {
  /** When the session began to open: microseconds of CLOCK_MONOTONIC, as all other times. */
  readonly begun: number
  readonly phases: readonly Phase[]
  readonly services: readonly StartTimes[]
}

/** The dependency that a service waited for longest: the last one to be ready. Pure. */
export function waitedFor(service: StartTimes, all: readonly StartTimes[]): StartTimes | undefined {
  return all
    .filter(({ service: name }) => service.dependsOn.includes(name))
    .sort((a, b) => b.ready - a.ready)[0]
}

/** The chain of dependencies that was ready last: each service waited for the next one. Pure. */
export function criticalPath(all: readonly StartTimes[]): StartTimes[] {
  const path: StartTimes[] = []
  let next = all.toSorted((a, b) => b.ready - a.ready)[0]
  while (next) {
    path.push(next)
    next = waitedFor(next, all)
  }
  return path
}

/** The start-up as lines: the library's phases, the services, and what `systemd-analyze critical-chain` prints. Pure. */
export function renderOpening(opening: Opening): string[] {
  const { begun, phases, services } = opening
  const at = (time: number | undefined) => (time === undefined ? '-' : ms(time - begun))
  const end = Math.max(begun, ...phases.map((phase) => phase.end))
  return [
    `opened in ${ms(end - begun)} ms; all times are in ms since the start`,
    '',
    ...table([
      ['phase', 'begin', 'end', 'took'],
      ...phases.map((phase) => [
        phase.name,
        at(phase.begin),
        at(phase.end),
        ms(phase.end - phase.begin),
      ]),
    ]),
    '',
    ...table([
      ['service', 'queued', 'begun', 'process', 'ready', 'waited for'],
      ...services
        .toSorted((a, b) => a.ready - b.ready)
        .map((service) => [
          service.service,
          ...[service.queued, service.begun, service.started, service.ready].map(at),
          waitedFor(service, services)?.service ?? '-',
        ]),
    ]),
    '',
    'critical chain: after @ the time at which a service was ready, after + the time that its own start took',
    ...criticalPath(services).map(
      ({ service, ready, begun: own }, depth) =>
        `  ${depth ? `${'  '.repeat(depth - 1)}└─` : ''}${service} @${at(ready)} ms +${ms(ready - own)} ms`,
    ),
  ]
}

function ms(microseconds: number): string {
  return (microseconds / 1000).toFixed(microseconds < 10_000 ? 1 : 0)
}

/** Aligns numbers to the right and words to the left. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const isNumber = (i: number) => rows.slice(1).every((row) => /^[\d.-]+$/.test(row[i] ?? ''))
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i > 0 && isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .replace(/^/, '  ')
      .trimEnd(),
  )
}
