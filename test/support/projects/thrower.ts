import { type Files, spec } from '../project.ts'

/** A user's service, in a separate file, whose functions throw as the environment says. */
const OWN = `import { defineService } from 'vitest-cluster'

interface Options {
  readonly suffix?: string
}

/** Whether this function is to throw. */
function may(what: string): void {
  const { WHAT = '', HOW } = process.env
  if (WHAT !== what) return
  if (HOW === 'text') throw 'only \\u001b[31mtext\\u0007'
  throw new TypeError(\`on purpose in \${what}\`, { cause: new Error('the seed') })
}

export function thrower({ suffix = '' }: Options = {}) {
  return defineService({
    kind: 'thrower',
    command: () => {
      may('command')
      return ['/bin/sleep', '1000']
    },
    ready: 'started',
    values: async () => {
      may('values')
      return { suffix }
    },
    state: {
      inputs: () => [process.env['WHAT'] === 'state.make' ? Math.random() : 0],
      make: async () => may('state.make'),
    },
    handle: async () => {
      may('handle')
      return { works: true }
    },
  })
}
`

/** Services that are defined in every possible way. */
export const thrower = {
  'own.ts': OWN,
  'base.ts': `import { ssh } from '@vitest-cluster/fixtures'
import { defineCluster } from 'vitest-cluster'

export default defineCluster({
  services: {
    ssh: ssh({ users: ['alice'] }),
  },
})
`,
  'cluster.config.ts': `import { hgweb } from '@vitest-cluster/fixtures'
import { defineCluster, defineService } from 'vitest-cluster'
import base from './base.ts'
import { thrower } from './own.ts'

type Unused = {
  readonly nothing: 'of this is left'
}

// services: { one, two, web } are below
const two = thrower({ suffix: 'two' })
const rest = {
  'spread-out': thrower(),
}
if (process.env['WHAT'] === 'import') throw new RangeError('on purpose on import')

export default defineCluster({
  extends: base,
  services: {
    one: thrower(),
    two,
    ...rest,
    ...Object.fromEntries(['made'].map((name) => [name, thrower()])),
    web: hgweb({
      repositories: ['main'],
    }),
    here: defineService({
      kind: 'here',
      command: () => ['/bin/sleep', '1000'],
      ready: 'started',
    }),
  },
})
`,
  'own.spec.ts': spec(`
test('the service has a handle', ({ one }) => expect(one.works).toBe(true))
`),
} satisfies Files

/** A cluster with one service, which throws. */
export const oneThrower = {
  ...thrower,
  'cluster.config.ts': `import { defineCluster } from 'vitest-cluster'
import { thrower } from './own.ts'

interface Unused {
  readonly nothing: string
}

if (process.env['WHAT'] === 'import') throw new RangeError('on purpose on import')

export default defineCluster({
  services: {
    one: thrower(),
  },
})
`,
} satisfies Files
