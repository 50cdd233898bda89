import { checkedCommand } from './check-command.ts'
import type { Refuse } from './refuse.ts'
import type { Ready } from './service.ts'
import { shown } from './shown.ts'
import { isPlain, textProblem } from './words.ts'

const WORDS = ['notify', 'listening', 'forking', 'started']

/** Checks how a service says that it is ready. */
export function checkedReady(ready: unknown, refuse: Refuse): Ready {
  if (typeof ready === 'string' && WORDS.includes(ready)) return ready as Ready
  const [key, ...others] = isPlain(ready) ? Object.keys(ready) : []
  if (isPlain(ready) && others.length === 0) {
    if (key === 'exec') return { exec: checkedCommand(ready['exec'], 'ready: { exec }', refuse) }
    if (key === 'logLine') {
      const problem = textProblem(ready['logLine'])
      if (!problem) return { logLine: ready['logLine'] as string }
      refuse(
        `has ready: { logLine: ${shown(ready['logLine'])} }, which ${problem}`,
        "Give a regular expression of grep -E, such as { logLine: 'ready to accept' }.",
      )
    }
  }
  return refuse(
    `does not say how it becomes ready (ready: ${shown(ready)})`,
    `Use one of ${WORDS.map((w) => `'${w}'`).join(', ')}, { logLine: 'pattern' }, { exec: [program, …] }.`,
  )
}
