/**
 * The value of a record's own property. For a name that a user chose: `record[name]` also finds what every object
 * inherits, such as `constructor`. Records are sent to workers as data, so they can be neither a Map nor an object without prototype.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
