import type { TestProject } from 'vitest/node'

type Variables = Readonly<Record<string, string>>

interface Layer {
  readonly variables: Variables
  shown: boolean
}

interface State {
  /** The variables of each project's cluster; the last shown project wins. */
  readonly layers: Map<TestProject, Layer>
  /** The former value of each name that a layer has. */
  readonly before: Map<string, string | undefined>
}

// On globalThis: this module may be loaded once per project, the process has one environment
const KEY = Symbol.for('vitest-cluster.process-env')
const registry = globalThis as { [KEY]?: State }
registry[KEY] ??= { layers: new Map(), before: new Map() }
const { layers, before } = registry[KEY]

/** Sets variables in this process, for the project's own globalSetup. */
export function setVariables(project: TestProject, variables: Variables): void {
  for (const name of Object.keys(variables))
    if (!before.has(name)) before.set(name, process.env[name])
  layers.set(project, { variables, shown: true })
  apply()
}

/** Shows or hides the variables of a project. Without any it does nothing. */
export function showVariables(project: TestProject, shown: boolean): void {
  const layer = layers.get(project)
  if (!layer) return
  layer.shown = shown
  apply()
}

/** Restores the former values of the project's variables. */
export function removeVariables(project: TestProject): void {
  if (!layers.delete(project)) return
  apply()
  const names = new Set([...layers.values()].flatMap(({ variables }) => Object.keys(variables)))
  for (const name of [...before.keys()]) if (!names.has(name)) before.delete(name)
}

function apply(): void {
  const shown = [...layers.values()].filter((layer) => layer.shown)
  for (const [name, own] of before) {
    const value = shown.findLast(({ variables }) => Object.hasOwn(variables, name))?.variables[name]
    const wanted = value ?? own
    if (wanted === undefined) delete process.env[name]
    else process.env[name] = wanted
  }
}
