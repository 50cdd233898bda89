import { startService } from '../client/change.ts'
import { changeServices } from './change.ts'
import type { Run } from './command.ts'

export const run: Run = (invocation) => changeServices(invocation, startService, 'is ready')
