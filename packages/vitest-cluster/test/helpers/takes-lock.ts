// Takes a lock, prints whether it got it at once, and holds it or waits for it until this process is killed.
import { takeLock } from '../../src/tree/cache/lock.ts'

process.stdin.resume()
await takeLock(process.argv[2] ?? '', () => console.log(JSON.stringify('waits')))
console.log(JSON.stringify('holds'))
