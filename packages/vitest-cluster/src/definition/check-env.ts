import type { Refuse } from './refuse.ts'
import { also, type Check, record, valid } from './schema.ts'
import { areTooLong, textProblem, UNUSABLE } from './words.ts'

const FIX = `Write env: { LANG: 'C.UTF-8' }; numbers as text, such as \`\${ports.http}\`.`

/** Checks environment variables. A name may have every character but `=`, as in environ(7). */
export const checkedEnv: Check<Readonly<Record<string, string>>> = also(
  record(
    valid((name) => {
      if (name === '') return 'is empty'
      if (String(name).includes('=')) return 'has = in it'
      if (name === UNUSABLE) return 'is reserved by JavaScript'
      return textProblem(name)
    }, 'Rename the variable.'),
    valid(textProblem, FIX),
    FIX,
  ),
  (env, name, refuse: Refuse) => {
    const lines = Object.entries(env).map((pair) => pair.join('='))
    const long = lines.find((line) => textProblem(line))
    if (long !== undefined || areTooLong(Object.values(env)))
      refuse(
        `${name} is longer than ${long === undefined ? '2 MiB' : '128 KiB for one variable'}`,
        'Put the long text into a file of `files`.',
      )
  },
)
