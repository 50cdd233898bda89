/** Environment variables by their names. One that is undefined is not set. */
export type Variables = Readonly<Record<string, string | number | boolean | undefined>>

/** Makes a service's environment variables of its handle: of what its own part and every handle have. */
export type ChooseVariables<Handle extends object = object> = (
  handle: Handle & Omit<HandleFacts, keyof Handle>,
) => Variables | Promise<Variables>

/** What every handle has that a variable may be made of. */
export interface HandleFacts {
  /** The service's name in the cluster. */
  readonly name: string
  /** What the service is: `ldap`, `redis`. */
  readonly kind: string
  /** The name of its systemd unit. */
  readonly unit: string
  /** Its log. */
  readonly log: {
    /** The log's file, on the host. */
    readonly path: string
  }
}
