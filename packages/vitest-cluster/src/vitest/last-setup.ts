import type { TestProject } from 'vitest/node'
import { showVariables } from './process-env.ts'

/**
 * The plugin's second globalSetup, after the project's own. Vitest derives the environment of every worker from that of
 * this process, which all projects share: with several projects, the variables of a project's cluster are set here only
 * while the project's own globalSetup and teardown functions run.
 */
export default function setup(project: TestProject): (() => void) | undefined {
  if (project.vitest.projects.length === 1) return undefined
  showVariables(project, false)
  return () => showVariables(project, true)
}
