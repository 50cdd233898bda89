import type { TestProject } from 'vitest/node'
import { showVariables } from './process-env.ts'

/**
 * The plugin's second globalSetup, after the project's own. This process has one environment for all projects, from which
 * Vitest makes that of every worker: where there are others, the variables of this project's cluster are set only while
 * its own globalSetup and teardown functions run.
 */
export default function setup(project: TestProject): (() => void) | undefined {
  if (project.vitest.projects.length === 1) return undefined
  showVariables(project, false)
  return () => showVariables(project, true)
}
