import type { TreeDefinition } from '../../definition/tree.ts'
import type { Step } from '../build/step.ts'

/** The steps of a tree, from its base up. The code of each kind of step is loaded when it is needed. */
export async function stepsOf({ base, layers }: TreeDefinition): Promise<Step[]> {
  return Promise.all([baseStep(base), ...joined(layers).map(layerStep)])
}

async function baseStep(base: TreeDefinition['base']): Promise<Step> {
  switch (base.kind) {
    case 'debian':
      return (await import('../base/debian.ts')).debianStep(base)
    case 'directory':
      return (await import('../base/directory.ts')).directoryStep(base)
    case 'archive':
      return (await import('../base/archive.ts')).archiveStep(base)
    case 'rpm':
      return (await import('../base/rpm.ts')).rpmStep(base)
    case 'host':
      throw new Error("the host's own tree cannot be built")
  }
}

async function layerStep(layer: TreeDefinition['layers'][number]): Promise<Step> {
  switch (layer.kind) {
    case 'files':
      return (await import('../layer/files.ts')).filesStep(layer)
    case 'packages':
      return (await import('../layer/packages.ts')).packagesStep(layer)
    case 'command':
      return (await import('../layer/command.ts')).commandStep(layer)
    case 'playbook':
      return (await import('../layer/playbook.ts')).playbookStep(layer)
  }
}

/** Joins consecutive layers of files into one. The last layer with a path counts. Pure. */
export function joined(layers: TreeDefinition['layers']): TreeDefinition['layers'] {
  const out: TreeDefinition['layers'][number][] = []
  for (const layer of layers) {
    const last = out.at(-1)
    if (layer.kind === 'files' && last?.kind === 'files') {
      out[out.length - 1] = { kind: 'files', files: { ...last.files, ...layer.files } }
    } else out.push(layer)
  }
  return out
}
