/** A value that survives JSON and `structuredClone`: what a session hands to workers. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

/** What a service's `values` are: plain data, by name. */
export type Values = Readonly<Record<string, Json>>
