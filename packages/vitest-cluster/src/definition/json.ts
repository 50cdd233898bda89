/** A value that survives JSON and `structuredClone`: sessions send such values to workers. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

/** The `values` of a service: plain data, by name. */
export type Values = Readonly<Record<string, Json>>
