// Takes a lock, says whether it has it at once, and holds it, or waits for it, until it is killed.
import { takeLock } from '../../src/tree/cache/lock.ts'

process.stdin.resume()
await takeLock(process.argv[2] ?? '', () => console.log(JSON.stringify('waits')))
console.log(JSON.stringify('holds'))
