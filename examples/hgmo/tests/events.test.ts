import { expect } from 'vitest'
import { clusterOf } from '../client/cluster.ts'
import { serveControl } from '../client/control.ts'
import { ports } from '../ports.ts'
import { test } from './support/test.ts'

const EXCHANGE = 'exchange/hgpushes/v1'

test('a push is published to the exchange of pulse', async ({ client, servers, hgssh }) => {
  const pulse = (...argv: string[]) => client.run('/app/venv/bin/python', '/app/vct/pulse', ...argv)
  await pulse('create-queue', EXCHANGE, 'published')
  await servers.newRepository('projects/cedar')
  const user = await client.newUser('paul', { uid: 1601, scmLevel: 1 })
  const clone = await client.newClone('projects/cedar', user)
  const changeset = await clone.commit('For pulse')
  const since = await hgssh.pulsenotifier.log.mark()
  expect((await clone.push()).output).toContain('recorded changegroup in replication log')

  // v2 is the last exchange of a message
  const published = /publishing message to exchange\/hgpushes\/v2#projects\/cedar/
  await hgssh.pulsenotifier.log.waitFor(published, { since, timeout: 60_000 })
  const url = 'https://hg.mozilla.org/projects/cedar'
  const messages = await pulse('dump-messages', EXCHANGE, 'published')
  expect(messages.trim().replace(/time: \d+/, 'time: TIME')).toBe(
    messageOf({ url, changeset, email: user.email }),
  )
})

test('a push is an object in S3 and a message of SNS', async ({ client, servers, hgssh }) => {
  await servers.newRepository('projects/cypress')
  const user = await client.newUser('susan', { uid: 1602, scmLevel: 1 })
  const clone = await client.newClone('projects/cypress', user)
  // The script restarts a service by supervisorctl
  await using control = await serveControl(clusterOf(async () => hgssh))
  const configured = await hgssh.exec(['/configure-events-servers'], {
    user: 'root',
    env: { HOME: '/root', ...control.env },
  })
  expect(configured.stdout).toContain('created SNS topic hgmo-events')

  const changeset = await clone.commit('For SNS')
  const since = await hgssh.snsnotifier.log.mark()
  const subscriber = await hgssh['sns-callback'].log.mark()
  expect((await clone.push()).output).toContain('recorded changegroup in replication log')
  const log = hgssh.snsnotifier.log
  const processing = /processing message (\d+): changegroup\.1 for .*\/projects\/cypress$/
  const line = await log.waitFor(processing, { since, timeout: 60_000 })
  const number = Number(processing.exec(line)?.[1])
  const uploading = new RegExp(`uploading to S3: http://localhost:${ports.s3}/(.*/0*${number}-.*)`)
  const [, path] = uploading.exec(await log.waitFor(uploading, { since })) ?? []
  const object = await fetch(`http://${hgssh.address}:${ports.s3}/${path}`)
  const data = {
    repo_url: 'https://hg.mozilla.org/projects/cypress',
    heads: [changeset],
    pushlog_pushes: [{ pushid: 1, user: user.email }],
  }
  expect(await object.json()).toMatchObject({ id: number, type: 'changegroup.1', data })

  await hgssh['sns-callback'].log.waitFor(/"POST \/hgmo-events/, { since: subscriber })
  await log.waitFor(new RegExp(`finished processing message ${number}$`), { since })
  const { stdout } = await hgssh.exec(['cat', '/sns-messages'])
  const messages = stdout.match(/"\{.*changegroup\.1.*\}"/g) ?? []
  const last = JSON.parse(JSON.parse(messages.at(-1) ?? '""'))
  expect(last).toMatchObject({ type: 'changegroup.1', data })
  expect(last.data_url).toBe(`http://localhost:${ports.s3}/${path}`)
})

/** One message as the checkout's `pulse dump-messages` prints it. */
function messageOf({ url, changeset, email }: Record<'url' | 'changeset' | 'email', string>) {
  const pushes = `${url}/json-pushes?version=2`
  const lines = [
    ...['- _meta:', `    exchange: ${EXCHANGE}`, '    routing_key: projects/cedar'],
    ...['  heads:', `  - ${changeset}`],
    '  pushlog_pushes:',
    `  - push_full_json_url: ${pushes}&full=1&startID=0&endID=1`,
    `    push_json_url: ${pushes}&startID=0&endID=1`,
    ...['    pushid: 1', '    time: TIME', `    user: ${email}`],
    `  repo_url: ${url}`,
  ]
  return lines.join('\n')
}
