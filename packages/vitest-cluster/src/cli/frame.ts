import { readFileSync } from 'node:fs'
import type { Site } from '../errors.ts'
import { printable } from '../printable.ts'
import { styled } from './output.ts'

/** How many source lines are shown before and after the line of the error. */
const AROUND = 2

/** Adds the source lines around `at` below the `at:` line of an error's text, as Vitest does. */
export function withFrame(text: string, at: Site | undefined): string {
  if (!at) return text
  const place = `\n  at: ${at.file}:${at.line}:${at.column}`
  const end = text.indexOf(place) + place.length
  const frame = frameOf(at)
  return frame.length > 0 && end >= place.length
    ? [text.slice(0, end), ...frame].join('\n') + text.slice(end)
    : text
}

function frameOf({ file, line, column }: Site): string[] {
  let lines: string[] = []
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch {}
  if (lines[line - 1] === undefined) return []
  const first = Math.max(1, line - AROUND)
  const last = Math.min(lines.length, line + AROUND)
  const width = `${last}`.length
  const shown = lines.slice(first - 1, last).flatMap((source, i) => {
    const text = printable(source).replaceAll('\t', ' ')
    const own = `    ${`${first + i}`.padStart(width)} | ${text}`
    const mark = `    ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`
    return first + i === line ? [own, styled('red', mark, process.stderr)] : [own]
  })
  return shown.map((text) => text.trimEnd())
}
