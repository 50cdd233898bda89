import { stopService } from '../client/change.ts'
import { changeServices } from './change.ts'
import type { Run } from './command.ts'

export const run: Run = (invocation) =>
  changeServices(
    invocation,
    (plan, name, manager) => stopService(plan, name, manager, 'vitest-cluster stop'),
    'is stopped',
  )
