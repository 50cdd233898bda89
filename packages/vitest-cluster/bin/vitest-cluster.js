#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// By import(): an older Node may not even link what comes after the check
try {
  await import('../dist/node-version.js')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
// Not dist/cli/main.js itself: npm links a program when it installs, which in this repository is before the build
await import('../dist/cli/main.js')
