/**
 * The only file that imports dbus-next (docs/decisions/0003-dbus-next.md). It adds two things that dbus-next lacks: a
 * deadline for every call, and the rejection of pending calls when the bus ends.
 * No introspection: parsing systemd's description alone takes 90 ms, a call takes 0.15 ms.
 */
import { open } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import dbus from 'dbus-next'
import { ClusterError, messageOf } from '../errors.ts'
import { clearInterval, setInterval } from '../timers.ts'
import { busAddress, socketOf } from './address.ts'
import type { TypedValue } from './properties.ts'

/** Milliseconds. systemd answers within one; a manager that takes eight seconds counts as lost. */
const CALL_DEADLINE = 8_000
/** A deadline is counted in parts by a timer: while this process is too busy to run the timer, only one part passes. */
const PARTS = 8

export interface Call {
  readonly destination: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly signature?: string
  readonly body?: readonly unknown[]
}

export interface Signal {
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly body: readonly unknown[]
}

/** A connection to a message bus at a `unix:path=` address. */
export class Bus {
  readonly address: string
  readonly #bus: dbus.MessageBus
  readonly #listeners = new Set<(signal: Signal) => void>()
  readonly #pending = new Set<(error: Error) => void>()
  readonly #ended = Promise.withResolvers<ClusterError>()
  #end: ClusterError | undefined

  /** @throws ClusterError `BUS_LOST` if nothing listens at the address. */
  static async connect(address: string): Promise<Bus> {
    const socket = await probe(address)
    // HACK: dbus-next accepts no %XX and no : = , ; in a path (its lib/connection.js splits at them). An open directory
    // also has a path below /proc/self/fd.
    const readable = busAddress(socket) === `unix:path=${socket}`
    const directory = readable ? undefined : await open(dirname(socket))
    const path = directory ? `/proc/self/fd/${directory.fd}/${basename(socket)}` : socket
    const bus = new Bus(address, path)
    try {
      await bus.#deadline(
        'Hello',
        () => new Promise<void>((resolve) => bus.#bus.once('connect', () => resolve())),
      )
      return bus
    } catch (error) {
      bus.disconnect()
      throw error
    } finally {
      await directory?.close()
    }
  }

  private constructor(address: string, path: string) {
    this.address = address
    this.#bus = dbus.sessionBus({ busAddress: `unix:path=${path}` })
    this.#bus.on('error', (error) => this.end(this.#lost(error)))
    this.#socket.on('close', () => this.end(this.#lost(new Error('the connection was closed'))))
    this.#bus.on('message', (message) => {
      if (message.type !== dbus.MessageType.SIGNAL) return
      for (const listener of this.#listeners) listener(message as unknown as Signal)
    })
  }

  // HACK: dbus-next emits no event when the bus ends (its connection.js does not forward 'end'),
  // so the socket itself is watched: https://github.com/dbusjs/node-dbus-next/issues
  get #socket(): Socket {
    return (this.#bus as unknown as { _connection: { stream: Socket } })._connection.stream
  }

  /** Resolves with the reason when the connection has ended. */
  get ended(): Promise<ClusterError> {
    return this.#ended.promise
  }

  /** Rejects pending and later calls with this error. */
  end(why: ClusterError): void {
    if (this.#end) return
    this.#end = why
    for (const reject of this.#pending) reject(why)
    this.#ended.resolve(why)
  }

  /** Lets the process exit while the connection is open. */
  unref(): void {
    this.#socket.unref()
  }

  /**
   * Calls a method.
   * @param deadline milliseconds for the answer
   * @throws ClusterError `CALL_FAILED` (with the D-Bus error as cause), `BUS_TIMEOUT`, and the error that the bus ended with
   */
  async call(call: Call, deadline?: number): Promise<readonly unknown[]> {
    const message = new dbus.Message({
      ...call,
      signature: call.signature ?? '',
      body: (call.body ?? []).map(toDbus),
    } as ConstructorParameters<typeof dbus.Message>[0])
    try {
      const reply = await this.#deadline(call.member, () => this.#bus.call(message), deadline)
      return (reply?.body ?? []).map(fromDbus)
    } catch (error) {
      // Each later call would wait as long
      if (error instanceof ClusterError && error.code === 'BUS_TIMEOUT' && deadline === undefined)
        this.end(error)
      if (error instanceof ClusterError) throw error
      throw new ClusterError(
        { code: 'CALL_FAILED', message: `systemd refused ${call.member}: ${messageOf(error)}` },
        { cause: error },
      )
    }
  }

  /** The result of the work. Rejects when the bus ends first. @throws ClusterError the error that the bus ended with */
  async untilEnd<T>(work: Promise<T>): Promise<T> {
    if (this.#end) throw this.#end
    const { promise, reject } = Promise.withResolvers<never>()
    this.#pending.add(reject)
    try {
      return await Promise.race([work, promise])
    } finally {
      this.#pending.delete(reject)
    }
  }

  /** Subscribes to signals of the bus. The listener gets the signals of all matches. Returns a function that removes it. */
  async listen(match: string, listener: (signal: Signal) => void): Promise<() => void> {
    this.#listeners.add(listener)
    await this.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      signature: 's',
      body: [match],
    })
    return () => this.#listeners.delete(listener)
  }

  disconnect(): void {
    this.end(this.#lost(new Error('this side disconnected')))
    this.#socket.destroy()
  }

  #lost(cause: Error): ClusterError {
    return new ClusterError(
      {
        code: 'BUS_LOST',
        message: `the connection to systemd at ${this.address} was lost: ${cause.message}`,
        fix: 'The next call connects again. If that fails as well, systemd or its D-Bus has ended: find out what killed it (dmesg shows the OOM killer), then run again.',
      },
      { cause },
    )
  }

  async #deadline<T>(
    member: string,
    begin: () => Promise<T>,
    deadline = CALL_DEADLINE,
  ): Promise<T> {
    if (this.#end) throw this.#end
    const { promise, reject } = Promise.withResolvers<never>()
    let passed = 0
    const timer = setInterval(() => {
      passed += 1
      if (passed < PARTS) return
      reject(
        new ClusterError({
          code: 'BUS_TIMEOUT',
          message: `systemd did not answer ${member} within ${deadline / 1000} s`,
          fix: 'systemd hangs, or the machine is overloaded. End the session (npx vitest-cluster down) and run again.',
        }),
      )
    }, deadline / PARTS)
    try {
      return await this.untilEnd(Promise.race([begin(), promise]))
    } finally {
      clearInterval(timer)
    }
  }
}

// Checks that the address accepts connections: a Hello that fails inside dbus-next is an unhandled rejection, which would
// end Vitest without teardown.
async function probe(address: string): Promise<string> {
  const path = socketOf(address)
  const refuse = (cause: unknown) =>
    new ClusterError(
      { code: 'BUS_LOST', message: `cannot connect to D-Bus at ${address}: ${messageOf(cause)}` },
      { cause },
    )
  if (!path) throw refuse(new Error('only addresses of the form unix:path=… are supported'))
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('error', (error) => reject(refuse(error)))
    socket.once('connect', () => {
      socket.destroy()
      resolve(path)
    })
  })
}

function toDbus(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toDbus)
  if (isTyped(value)) return new dbus.Variant(value.signature, toDbus(value.value))
  return value
}

function fromDbus(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromDbus)
  return value instanceof dbus.Variant ? fromDbus(value.value) : value
}

function isTyped(value: unknown): value is TypedValue {
  return typeof value === 'object' && value !== null && 'signature' in value && 'value' in value
}
