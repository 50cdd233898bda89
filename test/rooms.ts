import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

/**
 * The imports that are allowed in the core: for each room the rooms that it may import, besides files outside of rooms
 * (errors.ts and so on). A room comes before those that import it, so there are no cycles. docs/architecture.md says
 * why.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  shortage: [],
  definition: [],
  disk: [],
  systemd: ['disk/held-directory'],
  ports: [],
  machine: ['definition', 'systemd/cgroup', 'disk'],
  doctor: ['shortage', 'definition', 'systemd/cgroup', 'disk', 'machine'],
  root: ['definition', 'disk'],
  tree: ['shortage', 'definition', 'disk', 'machine', 'doctor', 'root/passwd'],
  isolation: ['definition', 'systemd/settings', 'doctor', 'root'],
  plan: ['definition', 'systemd/settings', 'disk', 'machine/owner', 'root', 'isolation'],
  session: ['shortage', 'disk', 'systemd', 'isolation', 'plan'],
  logs: ['shortage', 'definition', 'disk', 'plan'],
  exec: ['shortage', 'definition', 'disk', 'systemd', 'root', 'isolation', 'plan', 'logs'],
  observe: ['shortage', 'disk', 'ports', 'systemd', 'plan', 'session', 'logs'],
  lifetime: ['shortage', 'definition', 'disk', 'systemd', 'tree/cache', 'plan', 'session'],
  apply: [
    ...['definition', 'disk', 'ports', 'systemd', 'machine/owner', 'root', 'isolation', 'plan'],
    'session',
    ...['logs', 'exec'],
  ],
  client: [
    ...['shortage', 'definition', 'systemd', 'root', 'isolation', 'plan', 'session', 'logs'],
    ...['exec', 'apply'],
  ],
  open: [
    ...['shortage', 'definition', 'disk', 'ports', 'systemd', 'machine', 'doctor', 'root', 'tree'],
    ...['isolation', 'plan', 'session', 'logs', 'observe', 'lifetime', 'apply', 'client'],
  ],
  report: ['tree/progress', 'session', 'logs', 'observe'],
  vitest: [
    ...['shortage', 'definition', 'plan', 'session', 'logs', 'observe', 'lifetime', 'client'],
    ...['open', 'report'],
  ],
  cli: [
    ...['shortage', 'definition', 'systemd', 'doctor', 'tree/prebuild', 'plan', 'session'],
    ...['logs', 'observe', 'lifetime', 'client', 'open', 'report'],
  ],
}

const CORE = '^packages/vitest-cluster/src/'
const COMMON = [
  ...['errors', 'libexec', 'node-version', 'own', 'printable', 'settled', 'timers', 'units'],
]

const rooms = Object.entries(ROOMS).map(
  ([room, others]): IForbiddenRuleType => ({
    name: `${room}/ may import of the core: ${others.join(', ') || 'no other room'}`,
    severity: 'error',
    from: { path: `${CORE}${room}/` },
    to: {
      path: CORE,
      pathNot: [room, ...COMMON, ...others].map((other) => `${CORE}${other}(/|[.]ts$)`),
    },
  }),
)

/** Rules of dependency-cruiser. */
export const forbidden: IForbiddenRuleType[] = [
  ...rooms,
  {
    name: 'only vitest/ imports vitest',
    severity: 'error',
    from: { path: CORE, pathNot: `${CORE}vitest/` },
    to: { path: 'node_modules/@?vitest/' },
  },
  {
    name: 'only systemd/bus.ts imports dbus-next',
    severity: 'error',
    from: { path: CORE, pathNot: `${CORE}systemd/bus[.]ts$` },
    to: { path: 'node_modules/dbus-next/' },
  },
  {
    name: "fixtures use the public API, as a user's own service would",
    severity: 'error',
    from: { path: '^packages/fixtures/src/' },
    to: {
      path: '^packages/vitest-cluster/',
      pathNot: '^packages/vitest-cluster/dist/(index|options|vitest/test)[.](js|d[.]ts)$',
    },
  },
  {
    name: 'no circle of files, not even of types',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/' },
    to: { circular: true },
  },
  {
    name: 'no circle of folders',
    severity: 'error',
    scope: 'folder',
    from: { path: '^packages/[^/]+/src/' },
    to: { circular: true },
  },
]

export const options: ICruiseOptions = {
  // TypeScript 7 does not yet have an API that dependency-cruiser can use
  parser: 'swc',
  tsPreCompilationDeps: true,
  doNotFollow: { path: ['node_modules', '/dist/'] },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
}
