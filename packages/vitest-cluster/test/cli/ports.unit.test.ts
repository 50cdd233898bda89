import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { parse } from '../../src/cli/parse.ts'
import { withPortOptions } from '../../src/cli/ports.ts'
import { defineCluster } from '../../src/index.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const cluster = defineCluster({
  services: { ssh: script('true', { ports: ['ssh'] }), web: script('true', { ports: ['http'] }) },
})

/** The definition for this command line. */
function ports(command: 'up' | 'run' | 'plan', ...argv: string[]) {
  const found = COMMANDS.find(({ name }) => name === command) ?? expect.unreachable()
  const { options } = parse(found, command === 'run' ? [...argv, '--', 'true'] : argv)
  return withPortOptions(cluster, options).ports
}

test('--port may be repeated, for each command that opens a session or plans one', () => {
  for (const command of ['up', 'run', 'plan'] as const) {
    expect(ports(command, '--port', 'ssh=20059', '--port=web.http=80')).toEqual({
      'ssh.ssh': 20_059,
      'web.http': 80,
    })
    expect(ports(command)).toBeUndefined()
  }
})

test.for([
  [['ssh'], '--port is "ssh", which is not NAME=NUMBER'],
  [['20059'], '--port is "20059", which is not NAME=NUMBER'],
  [['ssh='], '--port is "ssh=", which is not NAME=NUMBER'],
  [['=20059'], '--port is "=20059", which is not NAME=NUMBER'],
  [['ssh=-1'], '--port is "ssh=-1", which is not NAME=NUMBER'],
  [['ssh=22:22'], '--port is "ssh=22:22", which is not NAME=NUMBER'],
  [['ssh=65536'], '--port: ssh is 65536, which is not an integer from 1 to 65535'],
  [['ssh=0'], '--port: ssh is 0, which is not an integer from 1 to 65535'],
  [['hss=1'], "--port: the cluster has no service 'hss'"],
  [['ssh.http=1'], "--port: ssh has no port 'http'"],
  [['ssh=1', 'ssh=2'], '--port names a port twice'],
  [['ssh=1', 'ssh.ssh=1'], '--port: ssh.ssh has two numbers'],
  [['ssh=8080', 'web=8080'], '--port: ssh.ssh and web.http have the same number, 8080'],
] as const)('--port %o is wrong usage', ([given, message]) => {
  const argv = given.flatMap((each) => ['--port', each])
  expect(refusal(() => ports('up', ...argv))).toMatchObject({ code: 'USAGE', message })
})
