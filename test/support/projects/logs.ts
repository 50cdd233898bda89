import { type Files, spec } from '../project.ts'

/** Three services that log what they receive, and a test that fails while two of them log. */
export const logs = {
  'cluster.config.ts': `
    import { defineCluster } from 'vitest-cluster'
    import { parrot } from './parrot.ts'

    export default defineCluster({ services: { polly: parrot(), jack: parrot(), mute: parrot() } })
  `,
  'fails.spec.ts': spec(`
    test('passes', async ({ polly }) => {
      await polly.hears('said by a test that passed')
    })

    test('fails', async ({ polly, jack }) => {
      await polly.hears('\\u001b[31mpolly spoke in the test that failed\\u001b[0m', 'polly spoke')
      const lines = Array.from({ length: 25 }, (_, i) => 'jack says ' + i)
      await jack.hears(lines.join('\\n'), 'jack says 24')
      expect(1).toBe(2)
    })

    test('fails at first', { retry: 1 }, async ({ polly, task }) => {
      await polly.hears('said by a test that was tried again')
      expect(task.result?.retryCount).toBe(1)
    })

    test.fails('is to fail', async ({ polly }) => {
      await polly.hears('said by a test that is to fail')
      expect(1).toBe(2)
    })
  `),
} satisfies Files
