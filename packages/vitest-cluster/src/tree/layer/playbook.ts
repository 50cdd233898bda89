import { realpath, stat } from 'node:fs/promises'
import { relative } from 'node:path'
import type { PlaybookLayer } from '../../definition/tree.ts'
import { sha256 } from '../build/hashes.ts'
import type { Inputs, Step, StepContext } from '../build/step.ts'
import { fileInputs } from './file-inputs.ts'
import { findAnsible, findProject } from './playbook-project.ts'

/** A layer by ansible-playbook(1), which runs on the host and executes its tasks in the tree. */
export function playbookStep(layer: PlaybookLayer): Step {
  const title = `playbook ${layer.playbook}`
  return {
    kind: 'playbook',
    title,
    inputs: (context) => inputs(layer, context),
    // Loaded when needed: not for an unchanged layer
    make: async (build) => (await import('./playbook-make.ts')).makePlaybook(layer, build),
  }
}

async function inputs(layer: PlaybookLayer, context: StepContext): Promise<Inputs> {
  const { inputs: paths } = await findProject(layer, context)
  const variables = (prefix: string, from: Readonly<Record<string, unknown>>) =>
    // Digests, because inputs are written to the cache and may be secrets
    Object.entries(from).map(([name, value]) => [
      `${prefix} ${name}`,
      sha256(JSON.stringify(value)),
    ])
  return {
    playbook: layer.playbook,
    ansible: await identityOf(await findAnsible()),
    groups: layer.groups.join(' '),
    network: `${layer.network}`,
    booted: `${layer.booted}`,
    ...Object.fromEntries(variables('host variable', layer.hostVars)),
    ...Object.fromEntries(variables('variable', layer.extraVars)),
    // A role may be a symbolic link
    ...(await fileInputs(
      paths.map((path) => relative(context.baseDirectory, path)),
      context,
      realpath,
    )),
  }
}

/** Identifies Ansible's version by its file: `ansible-playbook --version` would take half a second. */
async function identityOf(path: string | undefined): Promise<string> {
  if (!path) return 'missing'
  const file = await realpath(path)
  const { mtimeMs, size } = await stat(file)
  return `${file} ${Math.trunc(mtimeMs)} ${size}`
}
