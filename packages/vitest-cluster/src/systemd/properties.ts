/** A value with its D-Bus signature (dbus-specification, "Type System"): what a variant holds. */
export interface TypedValue {
  readonly signature: string
  readonly value: unknown
}

/** A unit's property as StartTransientUnit takes it, see org.freedesktop.systemd1(5). Plain data. */
export type Property = readonly [name: string, value: TypedValue]

const property =
  (signature: string) =>
  (name: string, value: unknown): Property => [name, { signature, value }]

export const string = property('s')
export const strings = property('as')
export const boolean = property('b')
export const int32 = property('i')
export const uint32 = property('u')
export const bytes = property('ay')

/** A time span: systemd counts microseconds. */
export function milliseconds(name: string, value: number): Property {
  return [name, { signature: 't', value: BigInt(Math.round(value * 1000)) }]
}

export function uint64(name: string, value: number): Property {
  return [name, { signature: 't', value: BigInt(value) }]
}

/**
 * `ExecStart=` and its like: a path, and the argument vector with the program's name first. The program gets the words
 * as they are: systemd would put variables in for `${NAME}` and `$NAME`, and `$` for `$$` (systemd.service(5)).
 */
export function exec(name: string, argv: readonly string[]): Property {
  const words = argv.map((word) => word.replaceAll('$', () => '$$'))
  return [name, { signature: 'a(sasb)', value: [[argv[0], words, false]] }]
}

/** `ExecStartPreEx=` and its like: {@link exec} with flags, such as `no-setuid` (`!` in systemd.service(5)). */
export function execWithFlags(
  name: string,
  argv: readonly string[],
  flags: readonly string[],
): Property {
  const words = argv.map((word) => word.replaceAll('$', () => '$$'))
  return [name, { signature: 'a(sasas)', value: [[argv[0], words, flags]] }]
}

/** `BindPaths=`, `BindReadOnlyPaths=`: source and destination, neither optional nor recursive flags. */
export function binds(
  name: string,
  paths: readonly (readonly [from: string, to: string])[],
): Property {
  // MS_REC: mounts below the source come along, as systemd's `rbind` does by default
  return [
    name,
    { signature: 'a(ssbt)', value: paths.map(([from, to]) => [from, to, false, 16384n]) },
  ]
}
