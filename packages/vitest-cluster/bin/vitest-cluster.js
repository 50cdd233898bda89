#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// Not dist/cli/main.js itself: npm links a program when it installs, which in this repository is before the build
import '../dist/cli/main.js'
