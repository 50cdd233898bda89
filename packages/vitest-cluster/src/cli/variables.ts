/** `export` lines for any Bourne shell, with quoted values. Pure. */
export function exportLines(all: Readonly<Record<string, string>>): string[] {
  return Object.entries(all).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  )
}
