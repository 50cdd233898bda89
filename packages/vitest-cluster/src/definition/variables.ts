/** Environment variables by their names. A variable that is undefined is not set. */
export type Variables = Readonly<Record<string, string | number | boolean | undefined>>

/** Returns a service's environment variables, made from its handle. */
export type ChooseVariables<Handle extends object = object> = (
  handle: Handle & Omit<HandleFacts, keyof Handle>,
) => Variables | Promise<Variables>

/** The properties of every handle from which variables can be made. */
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
