/**
 * The TCP ports of a service: their names, whose numbers the session chooses, or their names with numbers. The session
 * chooses the number for `undefined`, too.
 */
export type ServicePorts<Port extends string = string> =
  | readonly Port[]
  | Readonly<Record<Port, number | undefined>>

/** The names in the `ports` of a service or a requirement. */
export type PortName<Ports> = Ports extends readonly (infer Port)[]
  ? Port & string
  : keyof Ports & string

export function portNames(ports: ServicePorts = []): readonly string[] {
  return isNames(ports) ? ports : Object.keys(ports)
}

/** The numbers that a definition gives to ports of a service, by name. */
export function givenNumbers(ports: ServicePorts = []): Readonly<Record<string, number>> {
  const given = isNames(ports) ? [] : Object.entries(ports)
  return Object.fromEntries(given.flatMap(([name, number]) => (number ? [[name, number]] : [])))
}

/** Why a value is not the number of a port; undefined if it is. */
export function portProblem(value: unknown): string | undefined {
  const is = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535
  return is ? undefined : 'is not an integer from 1 to 65535'
}

function isNames(ports: ServicePorts): ports is readonly string[] {
  return Array.isArray(ports)
}
