import type { Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { HeldDirectory } from '../disk/held-directory.ts'
import { mountOptions } from '../disk/mounts.ts'
import { own } from '../own.ts'
import { TREE_PATH } from '../plan/environment.ts'
import { rootOf, type ServiceRoot, type SessionGround } from '../plan/session-plan.ts'
import { SESSION } from '../root/accounts.ts'
import { inHostPaths } from './host-only.ts'
import { FORMAT_BYTES, programFormat } from './program-format.ts'
import { look, TreeView } from './tree-view.ts'

/** Exit statuses for a program that could not be executed: systemd's (EXIT_EXEC), and those of env(1) and shells. */
export const NOT_EXECUTED: readonly number[] = [203, 126, 127]

/** Why a program cannot be executed, and how to fix it. */
export interface ProgramProblem {
  readonly what: string
  readonly fix: string
}

/** File systems of the kernel, whose files differ in the tree. */
const KERNEL = /^\/(proc|sys|dev)(\/|$)/
/** How many nested interpreters Linux follows (BINPRM_MAX_RECURSION). */
const DEPTH = 4

/** The service that runs the program, and its account. */
export interface Runs {
  readonly name: string
  readonly user?: string | undefined
}

/**
 * Why a program of a service's tree could not be executed, for an error message, as far as the host can see.
 * @param program a name, or an absolute path in the tree
 * @returns undefined if no reason is found
 */
export async function programProblem(
  ground: SessionGround,
  runs: Runs,
  program: string,
): Promise<ProgramProblem | undefined> {
  const tree = new ProgramsView(rootOf(ground, runs.name), accountIn(ground, runs.user))
  const known = own(tree.root.programs, program) ?? program
  try {
    if (known.includes('/')) return await tree.problem(known, 0)
    const found = TREE_PATH.map((directory) => `${directory}/${known}`).find((path) =>
      tree.stat(path),
    )
    if (found) return await tree.problem(found, 0)
    return {
      what: `there is no program ${known} in ${TREE_PATH.join(', ')} of its tree`,
      fix: 'Check its name, add its package to the tree, or give its path in the tree, such as /opt/app/bin/app.',
    }
  } catch {
    return undefined
  }
}

/** The account that executes it, with uids of the host; undefined if they are unknown or permissions do not apply. */
interface Account {
  readonly name: string
  readonly uid: number
  readonly gids: readonly number[]
}

function accountIn({ uids, owner, accounts }: SessionGround, user = SESSION): Account | undefined {
  if (uids === 'one') return { name: user, uid: owner.uid, gids: [owner.gid] }
  const identity = own(accounts.users, user)
  // An ordinary user's subordinate uids are not contiguous with the user's own; root of the tree has all permissions
  if (!identity || identity.uid === 0 || process.getuid?.() !== 0) return undefined
  const gids = [identity.gid, ...identity.groups].map((gid) => owner.gid + gid)
  return { name: user, uid: owner.uid + identity.uid, gids }
}

/** The programs of a service's tree, and whether an account may execute them. */
class ProgramsView extends TreeView {
  readonly #account: Account | undefined

  constructor(root: ServiceRoot, account: Account | undefined) {
    super(root)
    this.#account = account
  }

  async problem(program: string, depth: number): Promise<ProgramProblem | undefined> {
    if (KERNEL.test(program)) return undefined
    const resolved = this.resolve(program)
    if (resolved === undefined)
      return { what: `${program} leads through a cycle of symbolic links`, fix: 'Fix the links.' }
    const parts = resolved.split('/')
    const named = resolved === program ? program : `${program} (${resolved})`
    for (let i = 1; i < parts.length; i++) {
      const here = parts.slice(0, i + 1).join('/')
      const stat = look(this.place(here).path)
      if (!stat) return this.#missing(program, resolved, here)
      if (i === parts.length - 1) return this.#ofFile(named, here, stat, depth)
      if (!stat.isDirectory())
        return { what: `${here} is not a directory, so ${program} does not exist`, fix: MISSING }
    }
    return undefined
  }

  async #ofFile(
    named: string,
    path: string,
    stat: Stats,
    depth: number,
  ): Promise<ProgramProblem | undefined> {
    if (!stat.isFile()) {
      const kind = stat.isDirectory() ? 'a directory' : 'not a regular file'
      return { what: `${named} is ${kind}`, fix: 'Give the path of a program.' }
    }
    if ((stat.mode & 0o111) === 0) {
      return {
        what: `${named} exists, but is not executable (mode ${octal(stat)})`,
        fix: 'Set its mode, such as { content, mode: 0o755 } in files, or chmod +x for a file of the tree.',
      }
    }
    if (!this.#mayExecute(stat)) return this.#denied(named, stat)
    const { path: onHost } = this.place(path)
    if (mountOptions(onHost).includes('noexec')) {
      return {
        what: `${named} is on a file system that is mounted noexec`,
        fix: 'Put the program elsewhere, or mount that file system without noexec (findmnt -T shows it).',
      }
    }
    return this.#ofContent(named, path, depth)
  }

  async #ofContent(
    named: string,
    path: string,
    depth: number,
  ): Promise<ProgramProblem | undefined> {
    const format = programFormat(await this.#begin(path))
    if (format.kind === 'other') {
      return {
        what: `${named} is neither a script, which begins with #!, nor a program for Linux (ELF)`,
        fix: 'Begin a script with its interpreter, such as #!/bin/sh.',
      }
    }
    if (format.kind === 'elf' && format.machine !== process.arch && format.machine !== 'ia32') {
      return {
        what: `${named} is a program for ${format.machine}; this machine is ${process.arch}`,
        fix: 'Use a build of the program for this machine.',
      }
    }
    const next = format.kind === 'script' ? format.interpreter : format.loader
    if (next === undefined || depth >= DEPTH) return undefined
    if (format.kind === 'script' && /^\/?.*\r$/.test(next)) {
      return {
        what: `${named} names the interpreter ${next.slice(0, -1)} with a carriage return after it`,
        fix: 'Write the script with Unix line endings (\\n).',
      }
    }
    if (!next.startsWith('/')) {
      return {
        what: `${named} names the interpreter '${next}', which is not an absolute path`,
        fix: 'Begin the script with its path, such as #!/bin/sh, or #!/usr/bin/env python3.',
      }
    }
    const inner = await this.problem(next, depth + 1)
    if (!inner) return undefined
    const needs = format.kind === 'script' ? 'is a script for' : 'needs the dynamic loader'
    return { what: `${named} ${needs} ${next}, and ${inner.what}`, fix: inner.fix }
  }

  async #begin(path: string): Promise<Buffer> {
    const { path: onHost, below } = this.place(path)
    const parent = await HeldDirectory.openBelow(below, dirname(onHost))
    const file = await parent.read(basename(onHost)).finally(() => parent.close())
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FORMAT_BYTES), 0, FORMAT_BYTES, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  #missing(program: string, resolved: string, first: string): ProgramProblem {
    const link = resolved === program ? '' : ` (a link to ${resolved})`
    const above = first === resolved ? '' : `: ${first} does not exist`
    const what = `there is no ${program} in its tree${link}${above}`
    return { what, fix: inHostPaths(this, [program]) ?? MISSING }
  }

  /** Whether the account may execute a file. systemd finds it in a directory that is closed to the account, too. */
  #mayExecute({ mode, uid, gid }: Stats): boolean {
    const account = this.#account
    if (!account) return true
    if (account.uid === uid) return (mode & 0o100) !== 0
    return (mode & (account.gids.includes(gid) ? 0o010 : 0o001)) !== 0
  }

  #denied(named: string, stat: Stats): ProgramProblem {
    return {
      what: `its account ${this.#account?.name} may not execute ${named} (mode ${octal(stat)})`,
      fix: 'Give the account the permission x for that path, or run the service as another user.',
    }
  }
}

const MISSING =
  'Check the path: it is a path in the tree, not on the host. For a program of a package, add the package to the tree.'

function octal({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
