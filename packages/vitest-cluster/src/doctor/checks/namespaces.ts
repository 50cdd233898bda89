import { type Check, missing, ok, unneeded } from '../check.ts'
import { allowByAppArmor, obstacle, readRestrictions } from '../obstacle.ts'

const userNamespaces: Check = {
  id: 'user-namespaces',
  what: 'user namespaces for ordinary users, in which each service sees its tree',
  neededFor: ['session'],
  async check(probe) {
    const trial = await probe.userNamespace()
    if (trial.ok) return ok('works')
    const { found, fix } = obstacle(await readRestrictions(), trial.complaint)
    return missing(found, fix)
  },
}

const apparmor: Check = {
  id: 'apparmor-userns',
  what: 'no AppArmor restriction of user namespaces (Ubuntu 23.10 and later have one)',
  neededFor: ['session'],
  async check(probe) {
    const { apparmor: value } = await readRestrictions()
    if (value === undefined) return unneeded('this kernel has no such restriction')
    if (value === '0') return ok('not restricted')
    if ((await probe.userNamespace()).ok) return ok('restricted, but not here')
    return missing(`kernel.apparmor_restrict_unprivileged_userns=${value}`, allowByAppArmor())
  },
}

const mounts: Check = {
  id: 'mounts',
  what: 'mounts in new namespaces, for the file systems of a private manager',
  neededFor: ['private manager', 'isolation:range', 'isolation:boot'],
  async check(probe) {
    // The mounts that libexec/ makes for a private manager. They vanish when the process ends
    const user = probe.uid === 0 ? [] : ['--user', '--map-root-user']
    const script =
      'mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup'
    const argv = ['unshare', ...user, '--mount', '--cgroup', '--ipc', '--propagation', 'private']
    const trial = await probe.attempt([...argv, 'sh', '-c', script])
    if (trial.ok) return ok('works')
    const { found, fix } = obstacle(await readRestrictions(probe.uid === 0), trial.complaint)
    return missing(found, fix)
  },
}

export const NAMESPACES: readonly Check[] = [userNamespaces, apparmor, mounts]
