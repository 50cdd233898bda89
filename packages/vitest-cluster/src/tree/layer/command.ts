import { isAbsolute, join } from 'node:path'
import type { CommandLayer } from '../../definition/tree.ts'
import { makePath } from '../../disk/modes.ts'
import { ClusterError, saysWhy } from '../../errors.ts'
import type { Build, RunResult, Step } from '../build/step.ts'
import { copyInput } from './copy-input.ts'
import { absolute, fileInputs } from './file-inputs.ts'

/** A program that is run inside the tree, once for its inputs. */
export function commandStep({ argv, inputs, network, env }: CommandLayer): Step {
  const title = `command ${argv.join(' ')}`.slice(0, 60)
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
        // its inputs are where it begins
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

/** What unshare(1) says where the tree has no such program. */
const NOT_EXECUTED = 'unshare: failed to execute '

function notExecuted({ exitCode, lines }: RunResult): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: 'the program cannot be run',
    fix:
      exitCode === 127
        ? 'The tree lacks the program or its interpreter: add its package in a layer below.'
        : 'Check that it is executable and built for this machine.',
    log: lines.map((line) => line.replace(NOT_EXECUTED, '')),
  })
}

function ended(exitCode: number): string {
  const signal = exitCode > 128 ? `, killed by signal ${exitCode - 128}` : ''
  return `ended with ${exitCode}${signal}`
}

function hint({ exitCode, lines }: RunResult, network: boolean): string {
  if (exitCode === 127)
    return 'It calls a program that the tree lacks: add its package in a layer below.'
  const why = `${saysWhy(lines)}.`
  return network ? why : `${why} It has no network unless you set network: true.`
}

/** Shows a step its inputs, and nothing else of the host: as `/run/inputs` in the tree. */
async function copyInputs(paths: readonly string[], build: Build): Promise<void> {
  const directory = join(build.directory, 'inputs')
  await makePath(directory, 0o755)
  for (const path of paths) {
    if (isAbsolute(path) || path.split('/').includes('..')) {
      throw new ClusterError({
        code: 'INVALID_DEFINITION',
        message: `the input ${path} is outside of ${build.baseDirectory}`,
        fix: 'Name inputs by paths below the directory of cluster.config.ts.',
      })
    }
    await copyInput(absolute(path, build), join(directory, path))
  }
  await build.adopt('inputs')
}
