import { dirname, join, resolve } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { ClusterError } from '../../errors.ts'
import type { StepContext } from '../build/step.ts'
import { outermost, playbookInputs } from './playbook-inputs.ts'

/** A playbook and all that it may read. */
export interface Project {
  /** The directory that all of it is in. */
  readonly top: string
  /** Absolute paths. */
  readonly playbook: string
  readonly inputs: readonly string[]
}

/** Finds what a layer's playbook depends on. @throws ClusterError `UNREADABLE_FILE`, `INVALID_DEFINITION` */
export async function findProject(layer: PlaybookLayer, context: StepContext): Promise<Project> {
  const playbook = resolve(context.baseDirectory, layer.playbook)
  const directory = dirname(playbook)
  const found = (await playbookInputs(playbook, context.hashes)).map((path) =>
    join(directory, path),
  )
  const named = layer.inputs.map((path) => resolve(context.baseDirectory, path))
  const inputs = outermost([...found, ...named])
  const top = inputs.map(dirname).reduce(common, directory)
  if (top !== '/') return { top, playbook, inputs }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the inputs of ${layer.playbook} have no directory in common: ${inputs.join(', ')}`,
    mend: 'Copy what it needs to a directory beside the playbook.',
  })
}

function common(a: string, b: string): string {
  const theirs = b.split('/')
  const parts = a.split('/')
  const differs = parts.findIndex((part, index) => part !== theirs[index])
  return (differs < 0 ? parts : parts.slice(0, differs)).join('/') || '/'
}
