import type { ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { supervised } from './supervised.ts'

const MOTO = '/var/hg/venv_testing/bin/moto_server'

/** Servers of S3 and SNS, and the subscriber that writes messages to `/sns-messages`. */
export function events() {
  return {
    'moto-s3': moto('s3', ports.s3),
    'moto-sns': moto('sns', ports.sns),
    'sns-callback': supervised({
      kind: 'sns-callback',
      command: ['/sns-subscription-server', `${ports.snsSubscriber}`],
      stdoutLogfile: '/var/log/sns_subscription_server.log',
      ports: { http: ports.snsSubscriber },
      ready: 'listening',
    }),
  }
}

function moto(service: string, port: number): ServiceDefinition {
  return supervised({
    kind: 'moto',
    // On the host's address only: Docker's container has all addresses to itself
    command: [MOTO, '-H', 'localhost', '-p', `${port}`, service],
    stdoutLogfile: `/var/log/moto_${service}.log`,
    ports: { http: port },
    ready: 'listening',
  })
}
