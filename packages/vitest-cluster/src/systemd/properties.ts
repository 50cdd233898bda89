/** A value with its D-Bus signature (dbus-specification, "Type System"): the content of a variant. */
export interface TypedValue {
  readonly signature: string
  readonly value: unknown
}

/** A unit's property for StartTransientUnit, see org.freedesktop.systemd1(5). Plain data. */
export type Property = readonly [name: string, value: TypedValue]
