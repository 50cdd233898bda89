/**
 * A connection's references to units, counted here: systemd counts them, too, but systemd 247 drops all when one of several
 * is released, and later uses the freed unit: it hangs or ends.
 */
export class References {
  readonly #counts = new Map<string, number>()

  has(unit: string): boolean {
    return this.#counts.has(unit)
  }

  add(unit: string): void {
    this.#counts.set(unit, (this.#counts.get(unit) ?? 0) + 1)
  }

  /** @returns whether no reference is left */
  remove(unit: string): boolean {
    const left = (this.#counts.get(unit) ?? 0) - 1
    if (left > 0) this.#counts.set(unit, left)
    else this.#counts.delete(unit)
    return left <= 0
  }
}
