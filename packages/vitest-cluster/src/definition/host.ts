import { own } from '../own.ts'
import type { Problems } from './dependencies.ts'
import type { ServiceDefinition } from './service.ts'
import type { TreeDefinition } from './tree.ts'

/** A machine of the cluster: a name, an address and directories of its own, and services. docs/hosts.md */
export interface HostInput {
  /**
   * Its address, one of 127.0.0.0/8 but 127.0.0.1, on which its services listen. By default one that no
   * other session has, of the network that this session leases: 127.0.10.1, 127.0.10.2, … of the first one.
   */
  readonly address?: string
  /**
   * Directories of the tree of which the host has copies of its own, such as `/etc/mercurial`. Its services, and what
   * `exec` runs beside them, may write to these and rename their files. A directory that the tree lacks is empty at first.
   * `/` is the whole tree. All other files are those of the cluster's tree.
   */
  readonly directories?: readonly string[]
  /** The tree of its services; the cluster's by default. */
  readonly tree?: TreeDefinition
  /**
   * Its services. In the cluster the service `sshd` of the host `hgweb0` has the name `hgweb0-sshd`. A name in `dependsOn`
   * is that of a service of the same host, if the host has one of this name, else that of a service of the cluster. An array
   * has names of services of the cluster.
   */
  readonly services?: Readonly<Record<string, ServiceDefinition>> | readonly string[]
}

/** The hosts of a cluster, by name. */
export type HostInputs = Readonly<Record<string, HostInput>>

/** A host of a defined cluster. */
export interface HostDefinition extends Omit<HostInput, 'services'> {
  /** The names of its services in the cluster. */
  readonly services: readonly string[]
}

/** The hosts of a defined cluster, by name. */
export type Hosts<Name extends string = string> = Readonly<Record<Name, HostDefinition>>

/** The services of hosts by their names in the cluster: `hgweb0-sshd` for `sshd` of `hgweb0`. */
export type ServicesOfHosts<H> = [keyof H] extends [never]
  ? unknown
  : Intersection<
      {
        [Host in keyof H & string]: {
          readonly [Name in keyof ServicesOf<H[Host]> & string as `${Host}-${Name}`]: ServicesOf<
            H[Host]
          >[Name]
        }
      }[keyof H & string]
    >

/** For each host's services: the text of the compiler's error where the cluster lacks what one depends on, see `Problems`. */
export type HostProblems<H, All> = {
  readonly [Host in keyof H]: H[Host] extends { readonly services: readonly string[] }
    ? unknown
    : {
        readonly services?: Problems<ServicesOf<H[Host]>, All & ServicesOf<H[Host]>>
      } & {
        readonly [Key in Exclude<
          keyof H[Host],
          keyof HostInput
        >]: 'a host has address, directories, tree and services'
      }
}

type ServicesOf<Host> = Host extends { readonly services?: infer S }
  ? NonNullable<S> extends readonly unknown[]
    ? Record<never, never>
    : NonNullable<S>
  : Record<never, never>

type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (
  all: infer I,
) => void
  ? I
  : never

/** The name in the cluster of a host's service. */
export function serviceOnHost(host: string, service: string): string {
  return `${host}-${service}`
}

/** The host of a service of the cluster, and the service's name on it. */
export function hostOf(
  hosts: Hosts | undefined,
  service: string,
): { readonly host: string; readonly name: string } | undefined {
  const host = Object.keys(hosts ?? {}).find((each) =>
    own(hosts ?? {}, each)?.services.includes(service),
  )
  if (host === undefined) return undefined
  const prefix = serviceOnHost(host, '')
  return { host, name: service.startsWith(prefix) ? service.slice(prefix.length) : service }
}

/** The service that a service of this host means by a name in its `dependsOn`: one beside it comes first. */
export function meantBy(
  name: string,
  host: string | undefined,
  services: Readonly<Record<string, unknown>>,
): string {
  const beside = host === undefined ? name : serviceOnHost(host, name)
  return Object.hasOwn(services, beside) ? beside : name
}
