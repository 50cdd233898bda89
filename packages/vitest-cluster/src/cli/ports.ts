import type { ClusterDefinition } from '../definition/cluster.ts'
import { withPorts } from '../definition/define.ts'
import { ClusterError } from '../errors.ts'
import { type Invocation, texts } from './command.ts'

/** A definition with the numbers that `--port` gives to its ports. @throws ClusterError `USAGE` */
export function withPortOptions(
  definition: ClusterDefinition,
  options: Invocation['options'],
): ClusterDefinition {
  const pairs = texts(options, 'port').map((text) => {
    const [, name, number] = /^([^=]+)=(\d+)$/.exec(text) ?? []
    if (name !== undefined) return [name, Number(number)] as const
    return refuse(`--port is ${JSON.stringify(text)}, which is not NAME=NUMBER`, FORM)
  })
  const ports = Object.fromEntries(pairs)
  if (Object.keys(ports).length < pairs.length) refuse('--port names a port twice', FORM)
  return pairs.length === 0
    ? definition
    : withPorts(definition, ports, { what: '--port', refuse, form: FORM })
}

const FORM = 'Write --port SERVICE=NUMBER or --port SERVICE.PORT=NUMBER, such as --port ssh=20059.'

function refuse(message: string, fix: string): never {
  throw new ClusterError({ code: 'USAGE', message, fix })
}
