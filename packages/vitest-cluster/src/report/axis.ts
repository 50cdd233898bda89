import { type Html, html } from './html.ts'
import { axisStep, duration } from './units.ts'

/** The marks above a chart of this many microseconds. Pure. */
export function axis(length: number, after: Html | string = ''): Html {
  const step = axisStep(length)
  const marks = Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => i * step)
  // A label at the very end would be cut off
  const fitting = marks.filter((at) => at <= length * 0.92)
  return html`<div class="axis"><div class="label"></div><div class="track">${fitting.map(
    (at) => html`<span style="left:${percent(at, length)}">${at === 0 ? '0' : duration(at)}</span>`,
  )}</div>${after}</div>`
}

export function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(2)}%`
}
