// Prints the result of doctor(), as an ordinary user if a uid is given.
import { doctor } from '../../src/doctor/lazy.ts'

const [, , uid] = process.argv
if (uid && process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(Number(uid))
  process.setuid?.(Number(uid))
}
console.log(JSON.stringify(await doctor()))
