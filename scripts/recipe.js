// scripts/recipe.js RECIPE.yml: prints what a CI recipe of docs/ci would run, as one shell script.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const file = process.argv[2]
const { jobs, tasks } = parse(readFileSync(file, 'utf8'))
const steps = jobs
  ? Object.values(jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []))
  : tasks.then.map(({ payload }) => payload.command.at(-1))
if (steps.length === 0) throw new Error(`${file} runs nothing`)
console.log(['set -e', ...steps].join('\n'))
