import type { Json, Values } from './json.ts'
import type { PortName, ServicePorts } from './ports.ts'

/**
 * What a service requires of a service that it depends on: `{ kind: 'redis', ports: ['redis'] }`. A service definition is a
 * requirement, too, and also has the type of its values.
 */
export interface Requirement<Kind extends string = string, Port extends string = string> {
  /** The kind that the other service must have; any by default. */
  readonly kind?: Kind
  /** Names of ports that the other service must have. Numbers, as a definition may have them, are ignored. */
  readonly ports?: ServicePorts<Port>
}

/** `dependsOn` of a service: names, or requirements by name. */
export type Dependencies = readonly string[] | Readonly<Record<string, Requirement>>

/** The names in a `dependsOn`. */
export type DependencyName<D> = D extends readonly (infer Name)[] ? Name & string : keyof D & string

/** The data of a service, for services that depend on it. */
export interface ServiceView<
  Kind extends string = string,
  Port extends string = string,
  V extends Values = Values,
> {
  /** The service's name in the cluster. */
  readonly name: string
  /** What the service is: `ldap`, `redis`. */
  readonly kind: Kind
  /** The address that the service listens on. */
  readonly address: string
  /** The name of its host; undefined if it is on none. */
  readonly host: string | undefined
  /**
   * The service's port numbers, by the names its definition gives them. Typed where `dependsOn` is a record that names
   * them: `{ db }` or `{ db: { ports: ['sql'] } }`; empty in types where it is an array of names.
   */
  readonly ports: Readonly<Record<Port, number>>
  /** The service's own directory as every service of the session sees it: `/srv/NAME`. */
  readonly directory: string
  /** What the service's `values` returned for this session; `{}` if it has no `values`. */
  readonly values: V
}

/** The view of the service of this name, as `dependsOn` types it. */
export type DependencyView<D, Name> =
  string extends DependencyName<D>
    ? ServiceView
    : D extends readonly unknown[]
      ? ServiceView<string, never>
      : Name extends keyof D
        ? ServiceView<KindOf<D[Name]>, PortOf<D[Name]>, ValuesOf<D[Name]>>
        : never

/**
 * A `dependsOn` with only the kinds and ports of definitions in it. `infer` keeps the compiler from inferring D from the
 * expected type, as in `services: { web: defineService({ … }) }`.
 */
export type Requirements<D> = D extends infer Given
  ? Given extends readonly string[]
    ? Given
    : { readonly [Name in keyof Given]: Requirement<KindOf<Given[Name]>, PortOf<Given[Name]>> }
  : never

/** Refuses unknown fields of requirements: the compiler accepts them where it infers the type of a requirement. */
export type WellFormed<D, Field extends string> = D extends readonly unknown[]
  ? unknown
  : {
      readonly [Name in keyof D]: {
        readonly [Key in Exclude<keyof D[Name], Field>]: 'a requirement has kind and ports'
      }
    }

/**
 * For each service of a cluster: `unknown` if the cluster has all that the service depends on, else the text of the
 * compiler's error. Names, kinds and ports that are not in the types are checked at run time only.
 */
export type Problems<S, All> = {
  readonly [Name in keyof S]: [Problem<Name & string, DependsOn<S[Name]>, All>] extends [never]
    ? unknown
    : Problem<Name & string, DependsOn<S[Name]>, All>
}

type DependsOn<S> = S extends { readonly dependsOn?: infer D } ? NonNullable<D> : never

type Problem<Name extends string, D, All> = D extends unknown
  ? { [Other in DependencyName<D>]: ProblemWith<Name, Other, D, All> }[DependencyName<D>]
  : never

type ProblemWith<Name extends string, Other extends string, D, All> = string extends
  | Other
  | keyof All
  ? never
  : Other extends keyof All
    ? D extends readonly unknown[]
      ? never
      : Other extends keyof D
        ? Mismatch<`${Name} depends on '${Other}'`, D[Other], All[Other]>
        : never
    : `${Name} depends on '${Other}', which this cluster does not have`

type Mismatch<Begin extends string, Needed, Given> =
  | (string extends KindOf<Needed> | KindOf<Given>
      ? never
      : KindOf<Given> extends KindOf<Needed>
        ? never
        : `${Begin}, which must be of kind ${KindOf<Needed>} but is of kind ${KindOf<Given>}`)
  | (string extends PortOf<Needed> | PortOf<Given>
      ? never
      : [Exclude<PortOf<Needed>, PortOf<Given>>] extends [never]
        ? never
        : `${Begin}, which has no port '${Exclude<PortOf<Needed>, PortOf<Given>>}'`)

type KindOf<R> = R extends { readonly kind?: infer Kind }
  ? [NonNullable<Kind>] extends [string]
    ? NonNullable<Kind>
    : string
  : string

type PortOf<R> = 0 extends 1 & R
  ? string // any
  : R extends { readonly ports?: infer Ports }
    ? PortName<NonNullable<Ports>>
    : never

type ValuesOf<R> = R extends { values?(...given: never): infer Result }
  ? Awaited<Result> extends infer V extends Readonly<Record<string, Json>>
    ? V
    : Values
  : Values

/** The names in a `dependsOn` of either form. */
export function dependencyNames(dependsOn: Dependencies = []): readonly string[] {
  return isNames(dependsOn) ? dependsOn : Object.keys(dependsOn)
}

/** The requirements in a `dependsOn` of either form. */
export function requirementsOf(
  dependsOn: Dependencies = [],
): readonly (readonly [name: string, Requirement])[] {
  return isNames(dependsOn) ? dependsOn.map((name) => [name, {}]) : Object.entries(dependsOn)
}

/** Whether a `dependsOn` is a list of names. */
export function isNames(dependsOn: Dependencies): dependsOn is readonly string[] {
  return Array.isArray(dependsOn)
}
