import { isAbsolute, join } from 'node:path'
import type { CommandLayer } from '../../definition/tree.ts'
import { makePath } from '../../disk/modes.ts'
import { ClusterError, saysWhy } from '../../errors.ts'
import type { Build, RunResult, Step } from '../build/step.ts'
import { copyInput } from './copy-input.ts'
import { absolute, fileInputs } from './file-inputs.ts'

/** A program that runs in the tree. It runs again only if its inputs change. */
export function commandStep({ argv, inputs, network, env }: CommandLayer): Step {
  // One line, also with a script among the words
  const title = `command ${argv.join(' ')}`.replace(/\s+/g, ' ').slice(0, 60)
  return {
    kind: 'command',
    title,
    async inputs(context) {
      return {
        command: JSON.stringify(argv),
        network: `${network}`,
        ...Object.fromEntries(
          Object.entries(env).map(([name, value]) => [`variable ${name}`, value]),
        ),
        ...(await fileInputs(inputs, context)),
      }
    },
    async make(build) {
      await copyInputs(inputs, build)
      build.say(argv.join(' '))
      const result = await build.inTree(argv, {
        // The program starts in the directory of its inputs
        ...{ cwd: '/run/inputs', network, env },
        onLine: (line) => build.say(line),
      })
      if (result.exitCode === 0) return
      if (result.lines.at(-1)?.startsWith(NOT_EXECUTED)) throw notExecuted(result)
      throw new ClusterError({
        code: 'TREE_FAILED',
        message: ended(result.exitCode),
        fix: hint(result, network),
        log: result.lines,
      })
    },
  }
}

/** The message of unshare(1) if the tree has no such program. */
const NOT_EXECUTED = 'unshare: failed to execute '

function notExecuted({ exitCode, lines }: RunResult): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: 'the program cannot be executed',
    fix:
      exitCode === 127
        ? 'The tree lacks the program or its interpreter: add its package in a layer below.'
        : 'Check that the file is executable and built for the architecture of this machine.',
    log: lines.map((line) => line.replace(NOT_EXECUTED, '')),
  })
}

function ended(exitCode: number): string {
  const signal = exitCode > 128 ? `, killed by signal ${exitCode - 128}` : ''
  return `ended with ${exitCode}${signal}`
}

function hint({ exitCode, lines }: RunResult, network: boolean): string {
  if (exitCode === 127)
    return 'The command calls a program that the tree lacks: add its package in a layer below.'
  const why = `${saysWhy(lines)}.`
  return network ? why : `${why} The command has no network unless you set network: true.`
}

/** Copies a step's inputs to `/run/inputs` in the tree. The step sees no other file of the host. */
async function copyInputs(paths: readonly string[], build: Build): Promise<void> {
  const directory = join(build.directory, 'inputs')
  await makePath(directory, 0o755)
  for (const path of paths) {
    if (isAbsolute(path) || path.split('/').includes('..')) {
      throw new ClusterError({
        code: 'INVALID_DEFINITION',
        message: `the input ${path} is outside of ${build.baseDirectory}`,
        fix: 'Inputs must be in the directory of cluster.config.ts or below it.',
      })
    }
    await copyInput(absolute(path, build), join(directory, path))
  }
  await build.adopt('inputs')
}
