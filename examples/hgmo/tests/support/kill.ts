import type { HostHandle } from 'vitest-cluster'

/** Kills all processes of a unit behind the library's back: `kill()` of a handle would be a test's own wish. */
const KILL = `for each in /proc/[0-9]*; do
  if grep -qs "/$1\\$" "$each/cgroup"; then kill -KILL "\${each#/proc/}"; fi
done`

/** Kills a service as another program would. @param host where it runs */
export async function killOfUnit(host: HostHandle, unit: string): Promise<void> {
  await host.exec(['/bin/bash', '-c', KILL, 'kill', unit], { user: 'root' })
}
