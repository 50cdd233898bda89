/// <reference types="vitest/config" />
/**
 * The Vitest plugin: `import vitestCluster from 'vitest-cluster/plugin'`, `plugins: [vitestCluster()]`.
 * @module vitest-cluster/plugin
 */
import '../node-version.ts'

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'
import type { Reporter } from 'vitest/node'
import { type ClusterPluginOptions, checkPluginOptions } from './plugin-options.ts'
import { CONFIG, PORTS, WISHES } from './provided.ts'
import { forTerminal } from './terminal.ts'

export type { ClusterPluginOptions } from './plugin-options.ts'

/** The paths of this package's modules. */
const OWN_MODULES = new RegExp(
  `^${dirname(import.meta.dirname).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}/`,
)

/** Vitest says only to reporters that a run has ended; in watch mode the set-up's teardown comes once, at the very end. */
const runEnds: Reporter = {
  async onTestRunEnd() {
    const { runEnded } = await import('./sessions.ts')
    await runEnded()
  },
}

/**
 * The Vitest plugin: opens the cluster before the first test and ends it after the last. In a workspace it may stand
 * in the root configuration or in a project's; projects with the same definition share one session.
 * @throws ClusterError `INVALID_INPUT` for an option that does not exist or has a wrong value
 */
export default function vitestCluster(options: ClusterPluginOptions = {}): Plugin {
  try {
    checkPluginOptions(options)
  } catch (error) {
    // Vitest prints it with its stack, which is that of the configuration's loader
    throw forTerminal(error)
  }
  return {
    name: 'vitest-cluster',
    // Vitest lets Node load an installed package. It would transform each module of a linked one (a workspace,
    // `npm link`) in each run: half a second of processor time
    config: () => ({ test: { server: { deps: { external: [OWN_MODULES] } } } }),
    configureVitest({ project, vitest }) {
      const { config } = project
      const setup = fileURLToPath(import.meta.resolve('vitest-cluster/global-setup'))
      const last = join(dirname(setup), 'last-setup.js')
      // Runs once per project that has the plugin; a project inherits its root's list
      const setups = [config.globalSetup].flat().filter((path) => path !== last)
      // First, for the project's own find the services there; unless they name it where they want it
      config.globalSetup = [...(setups.includes(setup) ? [] : [setup]), ...setups, last]
      const { config: path, ports, ...wishes } = options
      if (path) project.provide(CONFIG, path)
      if (ports) project.provide(PORTS, ports)
      project.provide(WISHES, wishes)
      const { reporters } = vitest.config
      // Once, also where several projects have the plugin
      if (!reporters.some((each) => each === runEnds)) reporters.push(runEnds)
    },
  }
}
