// Opens a session, lets a shell take away a resource, uses and closes the session, and prints the result of each.
import { execFileSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { readdir, watch } from 'node:fs/promises'
import { baseDirectory } from '../../src/disk/directories.ts'
import { open } from '../../src/open/attempts.ts'
import { assertService } from '../../src/session/health.ts'
import { redis, script } from './services.ts'

const [, , what = ''] = process.argv

async function outcomeOf(work: () => Promise<unknown>) {
  // Reading a property of a broken handle throws synchronously
  return (async () => work())().then(
    () => ({ code: 'none', message: '' }),
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  )
}

/** Takes every descriptor that this process may have. */
function openAll(): void {
  try {
    for (;;) openSync('/dev/null', 'r')
  } catch {
    // no descriptor is left
  }
}

const left = () => readdir(baseDirectory(process.getuid?.() ?? 0)).catch(() => [])

if (what === 'eats') {
  const hungry = script('head -c 400M /dev/zero | tail -c 400M >/dev/null || exit 3', {
    ready: { logLine: 'never' },
  })
  const opened = await outcomeOf(() => open({ services: { hungry } }))
  console.log(JSON.stringify({ ...opened, left: await left() }))
} else if (what === 'eats later') {
  const wait = 'mkfifo /srv/hungry/go; echo waiting; read -r _ </srv/hungry/go'
  const hungry = script(`${wait}; exec dd bs=400M count=1 if=/dev/zero of=/dev/null`, {
    ready: { logLine: 'waiting' },
  })
  const session = await open({ services: { hungry } })
  const handle = await session.handle('hungry')
  const { status } = session.plan.paths
  const changes = watch(status)
  await handle.exec(['sh', '-c', 'echo >/srv/hungry/go'])
  let died = await outcomeOf(async () => assertService(status, 'hungry'))
  for await (const _ of changes) {
    died = await outcomeOf(async () => assertService(status, 'hungry'))
    if (died.code !== 'none') break
  }
  await session.close()
  console.log(JSON.stringify({ ...died, left: await left() }))
} else {
  const session = await open({ services: { redis: redis() } })
  const handle = await session.handle('redis')
  execFileSync('sh', ['-c', what, 'sh', `${process.pid}`], { stdio: 'inherit' })
  if (what.includes('--nofile')) openAll()
  const uses = {
    exec: await outcomeOf(() => handle.exec(['sh', '-c', 'echo something'])),
    restart: await outcomeOf(() => handle.restart()),
    log: await outcomeOf(() => handle.log.waitFor(/./, { timeout: 1_000 })),
    handle: await outcomeOf(() => session.handle('redis')),
    close: await outcomeOf(() => session.close()),
  }
  console.log(JSON.stringify(uses))
}
