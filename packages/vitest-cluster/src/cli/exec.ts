import { fstatSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { ClusterError, errnoOf } from '../errors.ts'
import { type Invocation, type Run, text, texts } from './command.ts'
import { print } from './output.ts'
import { servicesOf } from './services.ts'
import { target, withClient } from './target.ts'
import { seconds } from './time.ts'

/** In milliseconds: without --timeout a program may run as long as it wants, since Ctrl-C ends it. */
const FOREVER = 2 ** 31 - 1
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

export const run: Run = async (invocation) => {
  const { words, options } = invocation
  const [service = '', ...argv] = words
  checkCombination(options)
  const time = seconds(options, 'timeout')
  const timeout = time === undefined ? {} : { timeout: time * 1000 }
  const account = accountOf(options)
  const session = await target(invocation)
  servicesOf(session, [service])
  if (options['tty']) {
    const { onTerminal } = await import('./terminal.ts')
    return onTerminal(session.record.plan, service, argv, account)
  }
  return withClient(session.record, async (client) => {
    if (options['detach']) {
      print(`${await client.detach(service, argv, { ...account, ...timeout })}`)
      return 0
    }
    // A closed pipe must end the program, too; main.ts would end only this process
    process.stdout.removeAllListeners('error')
    const streams = {
      stdout: process.stdout,
      stderr: isOneFile() ? process.stdout : process.stderr,
      ...(options['stdin'] && { input: process.stdin }),
    }
    const { exitCode } = await client.exec(
      service,
      argv,
      { allowFailure: true, timeout: FOREVER, ...timeout, ...account, ...streams },
      (signal) => {
        for (const name of SIGNALS) process.on(name, () => void signal(name).catch(() => {}))
      },
    )
    return exitCode
  }).catch(explain)
}

/** Whether standard output and standard error are the same terminal, pipe or file: then their order is visible. */
function isOneFile(): boolean {
  const [out, err] = [fstatSync(1), fstatSync(2)]
  return out.dev === err.dev && out.ino === err.ino
}

/** The account, directory and variables of the program. @throws ClusterError `USAGE` */
function accountOf(options: Invocation['options']) {
  const [named, cwd] = [text(options, 'user'), text(options, 'cwd')]
  const [, user, group] = /^([^:]+)(?::([^:]+))?$/.exec(named ?? '') ?? []
  if (named !== undefined && user === undefined)
    throw wrong('user', named, 'NAME or NAME:GROUP', '--user root, or --user www:adm')
  if (cwd !== undefined && !isAbsolute(cwd))
    throw wrong('cwd', cwd, 'an absolute path', 'a directory of the tree, such as --cwd /srv')
  const variables = texts(options, 'env').map((each) => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(each) ?? []
    if (name === '') throw wrong('env', each, 'NAME=VALUE', '--env DEBUG=1')
    return [name, value] as const
  })
  return {
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
    ...(cwd !== undefined && { cwd }),
    env: Object.fromEntries(variables),
  }
}

function wrong(option: string, value: string, what: string, example: string): ClusterError {
  const message = `--${option} is ${JSON.stringify(value)}, which is not ${what}`
  return new ClusterError({ code: 'USAGE', message, fix: `Give ${example}.` })
}

/** @throws ClusterError `USAGE` */
function checkCombination(options: Invocation['options']): void {
  const refuse = (message: string, fix: string) => new ClusterError({ code: 'USAGE', message, fix })
  for (const [option, ...others] of [
    ['detach', 'tty', 'stdin'],
    ['tty', 'timeout'],
  ] as const) {
    const other = others.find((each) => options[each])
    if (options[option] && other !== undefined)
      throw refuse(`--${option} cannot be combined with --${other}`, 'Leave out one of them.')
  }
  if (options['tty'] && !(process.stdin.isTTY && process.stdout.isTTY))
    throw refuse(
      '--tty needs a terminal, and standard input or standard output is none',
      'Leave out --tty; --stdin passes standard input.',
    )
}

/** The fix for the shell, where the time-out is an option and not an argument. */
function explain(error: unknown): number {
  if (error instanceof ClusterError && errnoOf(error.cause) === 'EPIPE') return 0
  if (error instanceof ClusterError && error.details.fix?.includes('longer timeout')) {
    throw new ClusterError({
      ...error.details,
      fix: 'Allow more time: vitest-cluster exec --timeout 10m …',
    })
  }
  throw error
}
