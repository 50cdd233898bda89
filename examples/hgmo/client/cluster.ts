import type { Writable } from 'node:stream'
import type { CommonHandle, HostHandle } from 'vitest-cluster'

/** What the client side needs of a session. */
export interface Cluster {
  address(host: string): Promise<string>
  /** The names of the services of a host, without that of the host. */
  services(host: string): Promise<readonly string[]>
  /** Why a service is not up; undefined if it is. */
  down(host: string, service: string): Promise<string | undefined>
  start(host: string, service: string): Promise<void>
  /** Stops this service, and not those that depend on it. */
  stop(host: string, service: string): Promise<void>
  /** Runs a program on a host; resolves with its exit code. */
  exec(host: string, argv: readonly string[], options: Execution): Promise<number>
}

/** How a program runs on a host. */
export interface Execution {
  readonly user: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input: Uint8Array
  readonly stdout: Writable
  /** The same as `stdout` where the order of both is visible. */
  readonly stderr: Writable
}

/** In milliseconds: what runs longer than the harness waits for its test. */
const FOREVER = 2 ** 31 - 1

/** The cluster of a session of this process. @param host the session's function of this name */
export function clusterOf(hostOf: (name: string) => Promise<HostHandle>): Cluster {
  const hosts = new Map<string, Promise<HostHandle>>()
  const host = (name: string) => {
    const found = hosts.get(name) ?? hostOf(name)
    hosts.set(name, found)
    return found
  }
  const service = async (on: string, name: string) => {
    const found = handlesOf(await host(on)).find(([each]) => each === name)?.[1]
    if (!found) throw new Error(`${on} has no service ${name}`)
    return found
  }
  return {
    address: async (name) => (await host(name)).address,
    services: async (name) => handlesOf(await host(name)).map(([service]) => service),
    down: async (on, name) => whyDown(await service(on, name)),
    start: async (on, name) => (await service(on, name)).start(),
    stop: async (on, name) => (await service(on, name)).stop({ alone: true }),
    exec: async (on, argv, options) => {
      const handle = await host(on)
      const how = { ...options, timeout: FOREVER, allowFailure: true }
      return (await handle.exec(argv, how)).exitCode
    },
  }
}

/** The handles of a host's services, whose names only the definition knows. */
function handlesOf(host: HostHandle): (readonly [string, CommonHandle])[] {
  return Object.entries(host).flatMap(([name, value]) => (isHandle(value) ? [[name, value]] : []))
}

function isHandle(value: unknown): value is CommonHandle {
  return typeof value === 'object' && value !== null && 'unit' in value && 'kind' in value
}

/** A handle's own properties throw while its service is down, with the reason. */
function whyDown(handle: CommonHandle): string | undefined {
  try {
    Reflect.get(handle, 'anything of its own')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
