import { type Html, html } from './html.ts'

/** Prints lines of logs, those that are the same only once: after that it links to where they are. One for a page. */
export class Tails {
  readonly #printed = new Map<string, string>()

  /**
   * @param what names the lines: `The last lines of ldap`
   * @param heading whether they need their name above them
   */
  print(lines: readonly string[], what: string, heading = true): Html {
    const text = lines.join('\n')
    const known = this.#printed.get(text)
    if (known)
      return html`<p class="note">${what} are the same as <a href="#${known}">above</a>.</p>`
    const id = `lines-${this.#printed.size + 1}`
    this.#printed.set(text, id)
    return html`<div id="${id}">${heading ? html`<p class="note">${what}:</p>` : ''}${block(text, what)}</div>`
  }
}

/** Text as it was written; it scrolls, so a keyboard has to reach it. */
export function block(text: string, label: string): Html {
  return html`<pre tabindex="0" role="group" aria-label="${label}">${text}</pre>`
}
