/**
 * The one file that imports dbus-next. What it adds, and why (docs/decisions/0003-dbus-next.md):
 * a deadline on every call, and pending calls that fail when the bus goes away: dbus-next has neither.
 * No introspection: systemd's description alone takes 90 ms to parse, a call takes 0.15 ms.
 */
import { open } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import dbus from 'dbus-next'
import { ClusterError, messageOf } from '../errors.ts'
import { clearInterval, setInterval } from '../timers.ts'
import { busAddress, socketOf } from './address.ts'
import type { TypedValue } from './properties.ts'

/** Milliseconds. systemd answers in one; a manager that takes eight seconds is gone. */
const CALL_DEADLINE = 8_000
/** A deadline has so many parts, each counted when it passes: of the time that this process was busy with something else, one counts. */
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

  /** @throws ClusterError `BUS_LOST` when nothing answers at the address. */
  static async connect(address: string): Promise<Bus> {
    const socket = await probe(address)
    // HACK: dbus-next takes no %XX and no : = , ; in a path (its lib/connection.js splits at them), but
    // a directory has another path as long as it is open.
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

  // HACK: dbus-next forwards no event when the bus ends (its connection.js keeps 'end' to itself),
  // so the socket itself is watched: https://github.com/dbusjs/node-dbus-next/issues
  get #socket(): Socket {
    return (this.#bus as unknown as { _connection: { stream: Socket } })._connection.stream
  }

  /** Settles when the connection has ended, with why. */
  get ended(): Promise<ClusterError> {
    return this.#ended.promise
  }

  /** Ends all that waits, and refuses all that comes, with this error: nobody is there any more who could answer. */
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
   * @throws ClusterError `CALL_FAILED` (with the D-Bus error as cause), `BUS_TIMEOUT`, and what the bus ended with
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
      // Whatever it is asked after this would wait as long again
      if (error instanceof ClusterError && error.code === 'BUS_TIMEOUT' && deadline === undefined)
        this.end(error)
      if (error instanceof ClusterError) throw error
      throw new ClusterError(
        { code: 'CALL_FAILED', message: `systemd refused ${call.member}: ${messageOf(error)}` },
        { cause: error },
      )
    }
  }

  /** The work's outcome, or a rejection when the bus ends before. @throws ClusterError what the bus ended with */
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

  /** Asks the bus for signals; the listener gets those of all matches. Returns what removes the listener. */
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
        message: `the connection to systemd at ${this.address} is gone: ${cause.message}`,
        fix: 'The next use connects again. If that fails too, the manager or its D-Bus ended: find out what killed it (dmesg shows the OOM killer), then run again.',
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
          fix: 'The manager hangs or the machine is overloaded; end the session and run again.',
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

// A Hello that fails inside dbus-next is an unhandled rejection, which would end Vitest without teardown:
// so see first that somebody accepts connections there.
async function probe(address: string): Promise<string> {
  const path = socketOf(address)
  const refuse = (cause: unknown) =>
    new ClusterError(
      { code: 'BUS_LOST', message: `no D-Bus answers at ${address}: ${messageOf(cause)}` },
      { cause },
    )
  if (!path) throw refuse(new Error('only unix:path= addresses can be used'))
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
