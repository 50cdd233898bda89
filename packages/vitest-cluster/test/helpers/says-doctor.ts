// Says what doctor() sees, as an ordinary user if it is told a uid.
import { doctor } from '../../src/doctor/lazy.ts'

const [, , uid] = process.argv
if (uid && process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(Number(uid))
  process.setuid?.(Number(uid))
}
console.log(JSON.stringify(await doctor()))
