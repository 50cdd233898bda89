import fc from 'fast-check'
import { debianTree, files, hostTree, playbook } from '../../src/tree.ts'
import { Made, Returns, text, value } from './hostile.ts'

/** A definition with every field; its functions are {@link Returns}. */
export function whole() {
  return {
    isolation: 'auto',
    network: 'host',
    dns: 'host',
    ports: { 'web.http': 8080, 'web.admin': 8081, 'db.admin': 8082 },
    names: {
      accounts: [{ name: 'hg', uid: 500, groups: ['scm'] }],
      groups: [{ name: 'scm', gid: 5001, members: ['www', 'bob@example.com'] }],
      hosts: { 'hg.example.org': '127.0.0.1', six: '::1' },
      nsswitch: { passwd: ['files', '[NOTFOUND=return]', 'ldap'], hosts: ['files', 'dns'] },
    },
    tree: plain(
      debianTree({
        suite: 'trixie',
        packages: ['redis'],
        mirror: 'http://mirror.example/debian',
      }).with(
        files({ '/etc/motd': { content: 'hello', mode: 0o644, owner: 'root:root' } }),
        playbook('site.yml', { inventory: { groups: ['web'], vars: { a: 1 } }, inputs: ['roles'] }),
      ),
    ),
    services: {
      web: {
        kind: 'web',
        programs: [
          'httpd',
          { name: 'curl', client: true, debian: 'curl', fedora: 'curl', arch: 'curl' },
        ],
        ports: ['http', 'admin'],
        dependsOn: ['db'],
        hostPaths: ['/etc/mercurial'],
        accounts: [
          { name: 'www', uid: 501, groups: ['log'], home: '/home/www', shell: '/bin/sh' },
          { name: 'tty' },
        ],
        user: 'www',
        group: 'log',
        nsswitch: { group: ['ldap'] },
        needs: ['uids', 'systemd'],
        values: new Returns({ password: 'secret', list: [1, null, { deep: true }] }, true),
        state: {
          inputs: new Returns({ title: 'a', version: 1 }, true),
          make: new Returns(undefined, true),
        },
        files: new Returns({ 'a/b.conf': 'text', start: { content: '#!/bin/sh', mode: 0o700 } }),
        clientFiles: new Returns({ config: 'x' }, true),
        command: new Returns(['httpd', '-D', 'x']),
        logFiles: new Returns(['/var/log/httpd/access.log', '/var/log/httpd.log']),
        syslog: true,
        env: new Returns({ LANG: 'C', TOKEN: 'a=b' }),
        ready: 'listening',
        readyTimeout: 1000,
        stopSignal: 'SIGTERM',
        stopTimeout: 1000,
        killAtEnd: true,
        unit: new Returns({
          SystemCallDeny: ['setgroups:0', '@mount'],
          MemoryMax: 2 ** 30,
          TasksMax: 100,
          LimitNOFILE: 100,
          NotifyAccess: 'main',
          DynamicUser: false,
        }),
        handle: new Returns({ url: 'http://x', ask: new Returns('a') }, true),
      },
      db: {
        kind: 'db',
        ports: { db: 5432, admin: undefined },
        tree: plain(hostTree()),
        command: new Returns(['/usr/bin/sleep', '1']),
        ready: { exec: ['/bin/true'] },
        unit: { TasksMax: 5 },
      },
      cache: {
        kind: 'cache',
        dependsOn: { db: { kind: 'db', ports: ['db'] }, web: {} },
        command: new Returns(['/bin/sh']),
        ready: { logLine: 'ready' },
      },
    },
  }
}

/** Plain data, so that its parts can be replaced. */
function plain(tree: object): unknown {
  return structuredClone({ ...tree })
}

type Step = string | number
/** Every path in a definition, also in results of functions. */
function placesIn(part: unknown, path: readonly Step[] = []): (readonly Step[])[] {
  if (part instanceof Returns) return [path, ...placesIn(part.value, [...path, 'value'])]
  if (typeof part !== 'object' || part === null) return [path]
  return [path, ...Object.entries(part).flatMap(([key, each]) => placesIn(each, [...path, key]))]
}

/** The definition with a part replaced, or a key given another name. */
function change(
  part: unknown,
  [step, ...rest]: readonly Step[],
  to: { value?: unknown; name?: string },
): unknown {
  if (step === undefined) return to.value
  if (typeof part !== 'object' || part === null || part instanceof Made) return part
  if (part instanceof Returns) return new Returns(change(part.value, rest, to), part.async)
  const entries = Object.entries(part).map(([key, each]) => {
    if (key !== `${step}`) return [key, each]
    return rest.length === 0 && to.name !== undefined
      ? [to.name, each]
      : [key, change(each, rest, to)]
  })
  const changed = Object.fromEntries(entries)
  return Array.isArray(part) ? Object.values(changed) : changed
}

const PLACES = placesIn(whole())

const one = fc.record({
  path: fc.constantFrom(...PLACES),
  to: fc.oneof(
    { weight: 4, arbitrary: fc.record({ value }) },
    { weight: 1, arbitrary: fc.record({ name: text }) },
  ),
})

/** A whole definition with one to three changes. */
export const changes = fc.array(one, { minLength: 1, maxLength: 3 })
export type Changes = typeof changes extends fc.Arbitrary<infer Type> ? Type : never

export function changed(all: Changes): unknown {
  return all.reduce<unknown>((definition, { path, to }) => change(definition, path, to), whole())
}

/** The definition as a user writes it: with functions. */
export function withFunctions(part: unknown, seen = new Set<object>()): unknown {
  if (part instanceof Made) return Made.of(part)
  if (part instanceof Returns) {
    const result = withFunctions(part.value, seen)
    return part.async && !neverSettles(part.value) ? async () => result : () => result
  }
  const ours = Array.isArray(part) || (typeof part === 'object' && part !== null && isPlain(part))
  if (!ours || seen.has(part as object)) return part
  seen.add(part as object)
  if (Array.isArray(part)) return part.map((each) => withFunctions(each, seen))
  const entries = Object.entries(part as object).map(([key, each]) => [
    key,
    withFunctions(each, seen),
  ])
  return Object.fromEntries(entries)
}

function isPlain(part: object): boolean {
  try {
    const descriptors = Object.values(Object.getOwnPropertyDescriptors(part))
    return (
      Object.getPrototypeOf(part) === Object.prototype &&
      descriptors.every((each) => 'value' in each)
    )
  } catch {
    return false
  }
}

/** A value that an async function may not return: awaiting it would never end. */
function neverSettles(value: unknown): boolean {
  if (value instanceof Made) return true
  return typeof value === 'object' && value !== null && 'then' in value
}
