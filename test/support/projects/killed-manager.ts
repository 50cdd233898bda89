import { type Files, ONE_CACHE, spec } from '../project.ts'

/** A test that kills the session's private systemd, and one after it. */
export const killedManager = {
  'cluster.config.ts': ONE_CACHE,
  'uses.spec.ts': spec(`
    import { readdirSync, readFileSync } from 'node:fs'

    const LOST = expect.stringMatching(/\\[(MANAGER|BUS)_LOST\\]/)

    test('every use of a handle throws once the manager is killed', async ({ cache }) => {
      expect(cache.port).toBeGreaterThan(0)
      process.kill(managerOf(cache.unit), 'SIGKILL')
      await expect.poll(() => messageOf(() => cache.port)).toEqual(LOST)

      const start = performance.now()
      const uses = [
        () => cache.port,
        () => cache.ask,
        () => cache.log,
        () => cache.exec,
        () => cache.restart,
      ]
      for (const use of uses) expect(messageOf(use)).toEqual(LOST)
      expect(performance.now() - start).toBeLessThan(100)
    })

    test('a later test fails with the same error', ({ cache }) => cache.ask('version'))

    function managerOf(unit: string): number {
      const id = unit.split('-')[2] ?? ''
      const own = readdirSync('/proc').filter((pid) => {
        try {
          const group = readFileSync('/proc/' + pid + '/cgroup', 'utf8')
          return group.includes(id) && readFileSync('/proc/' + pid + '/comm', 'utf8') === 'systemd\\n'
        } catch {
          return false
        }
      })
      expect(own).toHaveLength(1)
      return Number(own[0])
    }

    function messageOf(use: () => unknown): string {
      try {
        use()
        return 'no error'
      } catch (error) {
        return String(error)
      }
    }
  `),
} satisfies Files
