/** A value with its D-Bus signature (dbus-specification, "Type System"): what a variant holds. */
export interface TypedValue {
  readonly signature: string
  readonly value: unknown
}

/** A unit's property as StartTransientUnit takes it, see org.freedesktop.systemd1(5). Plain data. */
export type Property = readonly [name: string, value: TypedValue]
