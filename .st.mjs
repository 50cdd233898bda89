import { spawn, execSync } from 'node:child_process'
import { watch, mkdirSync, readdirSync, rmSync, mkdtempSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
if (process.argv[2]) {
  const { openSession } = await import('vitest-cluster')
  const { defineCluster, defineService } = await import('vitest-cluster')
  await openSession(defineCluster({services:{c: defineService({kind:'c',programs:['memcached'],ports:['c'],command:({ports})=>['memcached','-l','127.0.0.1','-p',`${ports.c}`],ready:'listening'})}}))
  await wait(10000)
}
const one = async (i) => {
  const d = mkdtempSync('/tmp/st/'); execSync(`chmod 755 ${d}`); const b = `${d}/vitest-cluster-${process.getuid()}`; mkdirSync(b,{mode:0o700})
  const ids = new Set(); let go; const seen = new Promise(r => go=r)
  const w = watch(b, (_, n) => { ids.add(n.replace('.new-','')); go() })
  const c = spawn(process.execPath, [import.meta.filename, 'child'], {env:{...process.env, TMPDIR:d}, stdio:'inherit'})
  await seen; await wait(Math.random()*60); c.kill('SIGKILL'); await new Promise(r=>c.once('close',r)); await wait(1500); w.close()
  const left = [...readdirSync(b).map(x=>'dir '+x), ...readdirSync('/sys/fs/cgroup/unified').filter(x=>[...ids].some(i=>x.includes(i)))]
  if (left.length) console.log(i, left)
}
for (let i=0;i<20;i++) await Promise.all([one(i),one(i),one(i),one(i)])
console.log('done')
