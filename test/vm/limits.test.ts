import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import {
  type ClusterInput,
  defineCluster,
  defineService,
  type Handle,
  openSession,
  type UnitOptions,
} from 'vitest-cluster'
import { noticed } from '../../packages/vitest-cluster/test/helpers/noticed.ts'
import { planOf } from '../support/plan-of.ts'

// Tests that the limits of a session's services have an effect. They need controllers of cgroup2, and so a separate
// machine.

const MIB = 2 ** 20

test('the controllers are delegated to the user manager', async () => {
  const manager = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service'
  const controllers = (await readFile(`${manager}/cgroup.controllers`, 'utf8')).trim().split(' ')
  expect(controllers).toEqual(expect.arrayContaining(['cpu', 'memory', 'pids']))
})

test('a service that uses more than its MemoryMax is killed, one that uses less is not', async () => {
  // tail keeps the last line in memory, and the zeros are one line
  const take = 'head -c 64M /dev/zero | tail | wc -c; exec sleep infinity'
  await using session = await up({
    small: script(take, { MemoryMax: 32 * MIB }),
    large: script(take, { MemoryMax: 256 * MIB }),
  })
  const [small, large] = await Promise.all([session.handle('small'), session.handle('large')])
  await Promise.all([begin(small), begin(large)])
  await noticed(planOf(session).paths.status, () => small.says, 'SERVICE_FAILED')
  expect(() => small.says).toThrow(
    /^small: is down: one of its processes was killed .*\(oom-kill\)/,
  )
  await large.log.waitFor(new RegExp(`^${64 * MIB}$`), { timeout: 120_000 })
  expect(large.says).toBe('hello')
})

test('a service cannot have more tasks than its TasksMax', async () => {
  const fork =
    'for i in 1 2 3 4 5 6; do sleep infinity & echo "forked $i"; done; exec sleep infinity'
  await using session = await up({
    few: script(fork, { TasksMax: 4 }), // The shell is one of the tasks
    many: script(fork, { TasksMax: 16 }),
  })
  const [few, many] = await Promise.all([session.handle('few'), session.handle('many')])
  await Promise.all([begin(few), begin(many)])
  await many.log.waitFor(/^forked 6$/, { timeout: 120_000 })
  await few.log.waitFor(/Cannot fork/, { timeout: 120_000 })
  expect(await few.log.text()).toContain('forked 3\n')
  expect(await few.log.text()).not.toContain('forked 4\n')
})

test('a unit of the user manager does not use more of a processor than its CPUQuota', async () => {
  const spin = `
    end=$(($(date +%s) + 10))
    while [ "$(date +%s)" -lt $end ]; do :; done
    cat "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cpu.stat"`
  const seconds = async (...properties: string[]) => {
    const { stdout } = await execa('systemd-run', [
      ...['--user', '--quiet', '--wait', '--pipe', '--collect', '--property=CPUAccounting=yes'],
      ...properties.map((property) => `--property=${property}`),
      ...['sh', '-c', spin],
    ])
    return Number(/^usage_usec (\d+)$/m.exec(stdout)?.[1]) / 1e6
  }
  const free = await seconds()
  const limited = await seconds('CPUQuota=20%')
  console.log(`of about 10 s: ${free} s, with CPUQuota=20% ${limited} s`)
  expect(free).toBeGreaterThan(5)
  expect(limited).toBeGreaterThan(0.5)
  expect(limited).toBeLessThan(3)
})

/** A service that starts its work at a test's request: otherwise it would die while the session is opened. */
function script(text: string, unit: UnitOptions) {
  return defineService({
    kind: 'script',
    command: () => ['/bin/sh', '-c', `mkfifo begin; echo waiting; read -r _ <begin; ${text}`],
    ready: { logLine: '^waiting$' },
    unit,
    handle: () => ({ says: 'hello' }),
  })
}

function begin(service: Handle<ReturnType<typeof script>>) {
  return service.exec(['/bin/sh', '-c', 'echo >begin'])
}

/** Opens a session that ends with the block. */
async function up<S extends Record<string, ReturnType<typeof script>>>(
  services: ClusterInput<S>['services'],
) {
  return openSession(defineCluster<S>({ services }))
}
