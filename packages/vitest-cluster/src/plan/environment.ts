type Variables = Readonly<Record<string, string>>

/** Names and values that systemd accepts (env_name_is_valid() and, before v247, env_value_is_valid() in src/basic/env-util.c). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: finds them
const CONTROL = /[\x01-\x08\x0b-\x1f\x7f]/
/** Variables that the dynamic linker and the C library read in every program, and one that systemd sets for our scripts. */
const OTHERS = /^(LD_.*|GLIBC_TUNABLES|MALLOC_.*|MAINPID)$/

const ENV = '/usr/bin/env'
const NICE = '/usr/bin/nice'

/** Where programs of a tree are, also of one whose /bin is not a link into /usr. */
export const TREE_PATH: readonly string[] = [
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
]

/** A service's variables. Those of its definition override those that every service has. */
export function environmentOf(service: string, env: Variables = {}): Variables {
  return { PATH: TREE_PATH.join(':'), LANG: 'C.UTF-8', HOME: `/srv/${service}`, ...env }
}

/** The variables for `Environment=` of the unit. systemd would refuse the others, or they would change our scripts. */
export function unitVariables(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(isForUnit))
}

/** A program with the variables that are not in its unit, set by env(1), which accepts any name. */
export function withVariables(argv: readonly string[], variables: Variables): readonly string[] {
  const others = Object.entries(variables).filter((each) => !isForUnit(each))
  return others.length > 0 ? launched(argv, others) : argv
}

/** A program with all of a service's variables, for a unit that has none of them. */
export function withAllVariables(argv: readonly string[], variables: Variables): readonly string[] {
  return launched(argv, Object.entries(variables))
}

/** A script of the library with the library's own environment: it sees no variable of the service. */
export function script(service: string, argv: readonly string[], variables: Variables) {
  const ours = { ...environmentOf(service), PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const others = Object.keys(unitVariables(variables)).filter((name) => !Object.hasOwn(ours, name))
  return [
    ENV,
    ...others.flatMap((name) => ['-u', name]),
    ...Object.entries(ours).map(([name, value]) => `${name}=${value}`),
    ...['/bin/sh', ...argv],
  ]
}

/** Undoes {@link withVariables}: returns the program and its arguments. */
export function withoutVariables(argv: readonly string[]): readonly string[] {
  if (argv[0] !== ENV || argv[1] !== '--') return argv
  const rest = argv.slice(2 + argv.slice(2).findIndex((word) => !word.includes('=')))
  return rest[0] === NICE && rest[3]?.includes('=') ? rest.slice(3) : rest
}

function isForUnit([name, value]: readonly [string, string]): boolean {
  return NAME.test(name) && !OTHERS.test(name) && !CONTROL.test(value)
}

function launched(
  argv: readonly string[],
  variables: readonly (readonly [string, string])[],
): readonly string[] {
  // env(1) would read a path with = as a variable; nice(1) does not
  const through = argv[0]?.includes('=') ? [NICE, '-n', '0'] : []
  return [ENV, '--', ...variables.map(([name, value]) => `${name}=${value}`), ...through, ...argv]
}
