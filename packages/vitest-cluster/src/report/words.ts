/** A number with its noun: `1 test`, `2 tests`. Pure. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Names in a sentence: `a`, `a and b`, `a, b and 5 more`. Pure. @param most how many names are listed before `more` */
export function listed(names: readonly string[], most = 3): string {
  const rest = names.length - most
  // "and 1 more" is no shorter than the name
  const shown = rest > 1 ? [...names.slice(0, most), `${rest} more`] : names
  return [shown.slice(0, -1).join(', '), shown.at(-1)].filter(Boolean).join(' and ')
}
