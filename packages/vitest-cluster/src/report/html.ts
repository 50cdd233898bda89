/** A piece of HTML in which all inserted text is escaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | readonly Part[]

/** HTML from a template. Inserted values are escaped, unless they are {@link Html}. Pure. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.reduce((all, string, i) => `${all}${render(parts[i - 1])}${string}`)
  return new Html(text)
}

function render(part: Part): string {
  if (part instanceof Html) return part.text
  if (Array.isArray(part)) return part.map(render).join('')
  return part === undefined ? '' : escaped(String(part))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: HTML cannot express them
      .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '\u{fffd}')
  )
}
