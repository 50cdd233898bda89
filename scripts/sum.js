// scripts/sum.js DIRECTORY: adds up what scripts/test left there and prints `N passed, N failed`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = process.argv[2]
let passed = 0
let failed = 0
for (const name of readdirSync(directory)) {
  const text = readFileSync(join(directory, name), 'utf8')
  if (name.endsWith('.json')) {
    const results = JSON.parse(text)
    passed += results.numPassedTests
    failed += results.numFailedTests
  } else if (text.trim() === 'passed') passed++
  else {
    failed++
    console.log(`failed: ${name}`)
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
