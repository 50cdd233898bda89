/** How examples/hgmo reads supervisorctl's command line. */
import { expect, test } from 'vitest'
import { supervisorCall } from '../../examples/hgmo/client/supervisor.ts'

const services = [
  ...['httpd', 'kafka', 'moto-s3', 'vcsreplicator-0', 'vcsreplicator-1', 'vcsreplicator-heads'],
]
const programs = (...argv: string[]) => {
  const call = supervisorCall(['supervisorctl', 'stop', ...argv], services)
  return typeof call === 'object'
    ? call.programs.map(({ label, service }) => [label, service])
    : call
}

test('names of programs are those of services', () => {
  expect(programs('kafka', 'moto_s3', 'vcsreplicator:1', 'vcsreplicator-heads')).toEqual([
    ['kafka', 'kafka'],
    ['moto_s3', 'moto-s3'],
    ['vcsreplicator:1', 'vcsreplicator-1'],
    ['vcsreplicator-heads', 'vcsreplicator-heads'],
  ])
})

test('a group is all of its processes, and all is everything', () => {
  expect(programs('vcsreplicator:*')).toEqual([
    ['vcsreplicator:0', 'vcsreplicator-0'],
    ['vcsreplicator:1', 'vcsreplicator-1'],
  ])
  expect(programs('all')).toHaveLength(services.length)
  expect(programs('nothing', 'no:*')).toEqual([
    ['nothing', undefined],
    ['no:*', undefined],
  ])
})

test('other programs, and what supervisorctl here cannot do', () => {
  expect(supervisorCall(['ls', '/'], services)).toBeUndefined()
  expect(supervisorCall(['/opt/supervisorctl', 'stop'], services)).toBeUndefined()
  expect(supervisorCall(['/usr/bin/supervisorctl', 'restart', 'httpd'], services)).toMatchObject({
    action: 'restart',
  })
  expect(supervisorCall(['supervisorctl', 'tail', 'httpd'], services)).toMatch(
    /^supervisorctl tail/,
  )
  expect(supervisorCall(['supervisorctl', 'stop'], services)).toMatch(/requires a process name/)
})
