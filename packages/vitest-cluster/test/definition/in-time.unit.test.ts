import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { script } from '../helpers/services.ts'

// The library uses real timers, also while a test fakes them
vi.mock('../../src/timers.ts', () => ({
  setTimeout: (work: () => void, ms: number) => globalThis.setTimeout(work, ms),
  clearTimeout: (timer: NodeJS.Timeout) => globalThis.clearTimeout(timer),
}))

// Modules that other files of this worker loaded have the real ones
vi.resetModules()
const { checkedService } = await import('../../src/definition/checked.ts')
afterAll(() => void vi.resetModules())

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = () => new Promise<never>(() => {})
const state = { inputs: never, make: never }
const { values, files, clientFiles, ...service } = checkedService(
  'web',
  script('true', { values: never, files: never, clientFiles: never, state }),
)

test.for([
  ['values', () => values?.({ name: 'web' } as never), 60],
  ['files', () => files?.({ name: 'web' } as never), 60],
  ['clientFiles', () => clientFiles?.({ name: 'web' } as never), 60],
  ['state.inputs', () => service.state?.inputs({ name: 'web' } as never), 60],
  ['state.make', () => service.state?.make({ name: 'web' } as never), 600],
] as const)(
  'a promise of %s that never settles is an error after a time limit',
  async ([name, call, limit]) => {
    const settled = vi.fn()
    const error = Promise.resolve(call()).catch((reason: unknown) => reason)
    void error.then(settled)
    await vi.advanceTimersByTimeAsync(limit * 1000 - 1)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await error).toMatchObject({
      code: 'INVALID_DEFINITION',
      details: { service: 'web' },
      message: expect.stringContaining(`its function ${name} did not end within ${limit} s`),
    })
    expect(vi.getTimerCount()).toBe(0)
  },
)
