import { recordArtifact, type TestAttachment, type TestContext } from 'vitest'
import {
  concerned,
  copiedServices,
  type LogMarks,
  markLogs,
  type TestLog,
  testLogs,
} from '../observe/test-log.ts'
import { note, readWindows, type TestWindow } from '../observe/test-windows.ts'
import { unansweredWords } from '../observe/unanswered.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { whyDown } from '../session/health.ts'
import { monotonic } from '../timers.ts'
import { ClientSockets } from './client-sockets.ts'
import { hangs } from './hangs.ts'

/** The most lines of one service that are printed; the attachment has all lines. */
const SHOWN = 20
/** The most names of other tests that are printed. */
const NAMED = 3

/** An artifact of a failed test: the lines of one service that wrote while the test ran. */
export interface ServiceLogArtifact {
  /** Tells it from other artifacts of the test. */
  readonly type: 'vitest-cluster:log'
  /** The service's name in the cluster. */
  readonly service: string
  /** What it wrote while the test ran. */
  readonly lines: readonly string[]
  /** Names of tests that used the service at the same time. */
  readonly shared: readonly string[]
}

declare module 'vitest' {
  interface TestArtifactRegistry {
    'vitest-cluster:log': ServiceLogArtifact & {
      attachments?: { contentType?: string; body?: Uint8Array }[]
    }
  }
}

/** The tests that run in this process now; several with `test.concurrent`. */
const running = new Set<Window>()
let windows = 0

/** Services whose handles were used while no test ran, as in beforeAll: they count for all later tests. */
const prepared = new Set<string>()

/** Notes that the running tests, or a hook outside of tests, used a handle. */
export function used(service: string): void {
  if (running.size === 0) prepared.add(service)
  for (const window of running) window.use(service)
}

/** Opens a test's window. Its end is noted when the test ends, and logs are shown if the test fails. */
export function openWindow(plan: SessionPlan, context: TestContext): { close(): void } {
  const window = new Window(plan, context)
  running.add(window)
  context.onTestFailed(() => window.explain())
  return {
    close() {
      running.delete(window)
      window.end()
    },
  }
}

class Window {
  readonly #plan: SessionPlan
  readonly #context: TestContext
  readonly #since: LogMarks
  readonly #sockets = new ClientSockets()
  #until: LogMarks | undefined
  #own: TestWindow

  constructor(plan: SessionPlan, context: TestContext) {
    this.#plan = plan
    this.#context = context
    this.#since = markLogs(plan)
    const { id, fullName } = context.task
    const begun = { key: `${process.pid}.${++windows}`, id, name: fullName, pid: process.pid }
    this.#own = { ...begun, begin: monotonic(), uses: [] }
    note(plan.paths.directory, { event: 'begin', ...begun, begin: this.#own.begin })
  }

  use(service: string): void {
    if (this.#own.uses.includes(service)) return
    this.#own = { ...this.#own, uses: [...this.#own.uses, service] }
    note(this.#plan.paths.directory, { event: 'use', key: this.#own.key, service })
  }

  end(): void {
    this.#until = markLogs(this.#plan)
    this.#sockets.end()
    this.#own = { ...this.#own, end: monotonic() }
    note(this.#plan.paths.directory, { event: 'end', key: this.#own.key, end: monotonic() })
  }

  /** Annotates the test with the services' logs. Called after {@link end}, once for each attempt that failed. */
  async explain(): Promise<void> {
    const { task } = this.#context
    const retries = typeof task.retry === 'number' ? task.retry : (task.retry?.count ?? 0)
    // Not before the last retry has failed, and not for test.fails
    if (task.fails || (task.result?.retryCount ?? 0) < retries) return
    await this.#catchUp()
    const windows = readWindows(this.#plan.paths.directory)
    const logs = await testLogs(this.#plan, this.#own, this.#since, this.#until ?? {}, windows)
    for (const log of logs) await this.#show(log)
    const services = concerned(this.#plan, [...this.#own.uses, ...prepared])
    const errors = task.result?.errors ?? []
    const said = errors.map(({ message }) => message).join('\n')
    for (const service of services) {
      const down = whyDown(this.#plan.paths.status, service)
      // The error of a handle has this message already; the error of a client only has "connection refused"
      if (down && !said.includes(down.message)) await this.#annotate(down.message, service)
    }
    for (const hang of await hangs(this.#plan, services, errors, this.#sockets))
      await this.#annotate(unansweredWords(hang), `${hang.service} did not answer`)
  }

  /** Moves the end to what services wrote to their log files before it. */
  async #catchUp(): Promise<void> {
    if (copiedServices(this.#plan).length === 0) return
    // Loaded when first needed, for a failed test
    const { catchUpAll } = await import('../client/catch-up.ts')
    await catchUpAll(this.#plan)
    this.#until = markLogs(this.#plan)
  }

  async #show({ service, lines, shared }: TestLog): Promise<void> {
    const body = Buffer.from(`${lines.join('\n')}\n`)
    const attachment = () => ({ contentType: 'text/plain', body: new Uint8Array(body) })
    await recordArtifact(this.#context.task, {
      type: 'vitest-cluster:log',
      service,
      lines,
      shared,
      attachments: [attachment()],
    })
    // Vitest's HTML report shows only attachments of annotations, and joins the lines of a message
    const attached = lines.length > 1 ? attachment() : undefined
    await this.#annotate(messageOf(lines, shared), `${service} wrote during this test`, attached)
  }

  async #annotate(message: string, type: string, attachment?: TestAttachment): Promise<void> {
    const { task, annotate } = this.#context
    // HACK: no reporter prints artifacts, so annotations are used: reporters print them below a failure, and editors beside
    // it. `annotate` throws for a test that has failed; it reads the state before it returns, so that can be changed briefly.
    const { result } = task
    const state = result?.state
    if (result) result.state = 'run'
    const annotated = annotate(message, type, attachment)
    if (result && state) result.state = state
    await annotated
  }
}

function messageOf(lines: readonly string[], shared: readonly string[]): string {
  const hidden = lines.length - SHOWN
  const others = shared.length - NAMED
  const names = [...shared.slice(0, NAMED), ...(others > 0 ? [`${others} more`] : [])]
  const text = [
    ...(hidden > 0 ? [`(the attachment has ${hidden} earlier lines)`] : []),
    ...lines.slice(-SHOWN),
    ...(shared.length > 0
      ? [`(some lines may belong to ${names.join(', ')}, which used the service at the same time)`]
      : []),
  ]
  // Reporters indent the first line by five columns
  return text.join('\n     ')
}
