import { stopService } from '../client/change.ts'
import { changeServices } from './change.ts'
import type { Run } from './command.ts'

export const run: Run = (invocation) => {
  const alone = invocation.options['alone'] === true
  return changeServices(
    invocation,
    (plan, name, manager) =>
      stopService(plan, name, manager, { options: { alone }, call: 'vitest-cluster stop' }),
    'is stopped',
    // A service that stops alone leaves those that require it up
    { dependentsFirst: alone },
  )
}
