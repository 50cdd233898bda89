import { type Html, html } from './html.ts'

/** Prints lines of logs. Identical lines are printed once; after that a link points to them. One instance for each page. */
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

/** Preformatted text. The block scrolls, so it has to be reachable by keyboard. */
export function block(text: string, label: string): Html {
  return html`<pre tabindex="0" role="group" aria-label="${label}">${text}</pre>`
}
