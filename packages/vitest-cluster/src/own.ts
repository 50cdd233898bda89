/**
 * What a record has under a name that a user chose. A plain `record[name]` also finds what every object inherits:
 * `constructor`, `toString`. Records go to workers as data, so they cannot be a Map or have no prototype.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
