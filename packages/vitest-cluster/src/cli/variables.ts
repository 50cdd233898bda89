/** Lines that any Bourne shell evaluates. A value stays a value, whatever characters it has. Pure. */
export function exportLines(all: Readonly<Record<string, string>>): string[] {
  return Object.entries(all).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  )
}
