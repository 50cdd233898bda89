import { answers, type Files, ONE_CACHE, spec } from '../project.ts'

/** One service, and three tests that pass. */
export const plugin = {
  'cluster.config.ts': ONE_CACHE,
  'answers.spec.ts': answers(),
  'hooks.spec.ts': spec(`
    test.beforeAll(async ({ cache }) => {
      expect(await cache.ask('set greeting 0 0 5\\r\\nhello')).toBe('STORED\\r\\n')
    })

    test('a test sees what beforeAll stored', async ({ cache }) => {
      expect(await cache.ask('get greeting')).toContain('hello')
    })

    test('a handle has its log, its unit and exec besides its own part', async ({ cache }) => {
      expect(cache).toMatchObject({ name: 'cache', kind: 'cache' })
      expect(cache.unit).toMatch(/^vitest-cluster-[0-9a-f]{8}-cache\\.service$/)
      const script = 'cat /etc/hostname; exit 3'
      expect(await cache.exec(['sh', '-c', script], { allowFailure: true })).toEqual({
        stdout: 'vitest-cluster\\n',
        stderr: '',
        exitCode: 3,
      })
      expect(await cache.log.text()).toBe('')
    })
  `),
} satisfies Files
