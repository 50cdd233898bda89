// scripts/record.js OUTPUT.svg DIRECTORY COMMAND…: runs a command and writes its output as an animated SVG, with its
// timing. The README's was made by node scripts/record.js docs/run.svg examples/quickstart npx vitest run
// --reporter=verbose
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const [output, directory, ...argv] = process.argv.slice(2)
const COLUMNS = 92
const LINE = 18
const PAUSE = 4
const COLOURS = {
  31: '#f47067',
  32: '#57ab5a',
  33: '#c69026',
  34: '#539bf5',
  35: '#b083f0',
  36: '#39c5cf',
  90: '#768390',
}

const lines = [{ at: 0, text: `\u001b[1m$ ${argv.join(' ')}\u001b[22m` }]
const start = Date.now()
const child = spawn(argv[0], argv.slice(1), {
  cwd: directory,
  env: { ...process.env, FORCE_COLOR: '1', COLUMNS: `${COLUMNS}` },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let rest = ''
child.stdout.setEncoding('utf8').on('data', (chunk) => {
  const whole = `${rest}${chunk}`.split('\n')
  rest = whole.pop() ?? ''
  const at = (Date.now() - start) / 1000
  for (const text of whole)
    lines.push({ at, text: text.replaceAll(resolve(directory), `~/${basename(directory)}`) })
})
child.on('close', (code) => {
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`)
  writeFileSync(output, drawing(lines))
})

function drawing(all) {
  const shown = all.filter(({ text }, index) => text.trim() !== '' || all[index - 1]?.text.trim())
  const total = (shown.at(-1)?.at ?? 0) + PAUSE
  const rows = shown.map(({ at, text }, index) => {
    // Every line is hidden at first, appears at its time, and stays until the recording starts again
    const frames = `@keyframes l${index}{0%,${percent(at, total)}%{opacity:0}${percent(at + 0.01, total)}%,100%{opacity:1}}`
    const style = `.l${index}{animation:l${index} ${total.toFixed(2)}s step-end infinite}`
    const row = `<text class="l${index}" x="16" y="${(index + 2) * LINE}">${spans(text)}</text>`
    return { style: `${frames}${style}`, row }
  })
  const width = COLUMNS * 8.4 + 32
  const height = (shown.length + 2) * LINE
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(plain(all.map(({ text }) => text).join(' ')))}">
<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#adbac7;white-space:pre}@media (prefers-reduced-motion:no-preference){${rows.map(({ style }) => style).join('')}}</style>
<rect width="100%" height="100%" rx="8" fill="#22272e"/>
${rows.map(({ row }) => row).join('\n')}
</svg>
`
}

/** A line with the colours that its SGR sequences (ECMA-48) set. */
function spans(text) {
  let fill = ''
  let bold = false
  return text
    .split(/(\p{Cc}\[[\d;]*m)/u)
    .map((part) => {
      const codes = /^\p{Cc}\[([\d;]*)m$/u.exec(part)?.[1]
      if (codes === undefined) {
        const style = `${fill && ` fill="${fill}"`}${bold ? ' font-weight="bold"' : ''}`
        return part === '' ? '' : `<tspan${style}>${escaped(plain(part))}</tspan>`
      }
      for (const code of codes.split(';').map(Number)) {
        if (code === 0) [fill, bold] = ['', false]
        else if (code === 1) bold = true
        else if (code === 22) bold = false
        else if (code === 2) fill = COLOURS[90]
        else if (code === 39) fill = ''
        else if (COLOURS[code]) fill = COLOURS[code]
      }
      return ''
    })
    .join('')
}

function plain(text) {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ')
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function percent(at, total) {
  return ((at / total) * 100).toFixed(2)
}
