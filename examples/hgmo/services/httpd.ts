import type { ServiceDefinition } from 'vitest-cluster'
import { ports } from '../ports.ts'
import { supervised } from './supervised.ts'

/** Apache with mod_wsgi, which passes USER of its first process on to hgweb. */
export function httpd(): ServiceDefinition {
  return supervised({
    kind: 'httpd',
    command: ['/usr/sbin/httpd', '-DFOREGROUND'],
    environment: { USER: 'root' },
    ports: { http: ports.http },
    ready: 'listening',
  })
}
