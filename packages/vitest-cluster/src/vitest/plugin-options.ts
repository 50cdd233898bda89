import { HOW_TO_NAME, type PortNumbers } from '../definition/named-ports.ts'
import { portProblem } from '../definition/ports.ts'
import { checked, flag, object, optional, path, record, text, valid } from '../definition/schema.ts'
import { ClusterError } from '../errors.ts'
import { parseDuration } from '../units.ts'
import type { Wishes } from './provided.ts'

/** Options of `vitestCluster()`. */
export interface ClusterPluginOptions extends Wishes {
  /** The module whose default export is the cluster, relative to the project's root. Default: `cluster.config.ts`. */
  readonly config?: string
  /**
   * Numbers for ports, by `SERVICE` or `SERVICE.PORT`: `{ ssh: 20059, 'ldap.ldaps': 10636 }`. They replace those in the
   * definition.
   */
  readonly ports?: PortNumbers
}

const OPTIONS = object<ClusterPluginOptions>({
  config: optional(
    path("Give the path of the cluster's file, such as './test/cluster.config.ts'."),
  ),
  ports: optional(
    record(text(HOW_TO_NAME), optional(valid<number>(portProblem, HOW_TO_NAME)), HOW_TO_NAME),
  ),
  keepOnFailure: optional(
    valid<boolean | string>(
      (value) =>
        typeof value === 'boolean' ||
        (typeof value === 'string' && (/^[01]?$/.test(value) || parseDuration(value) !== undefined))
          ? undefined
          : 'is not a duration',
      "Give true for 30 minutes, or a duration such as '90s', '10m' or '2h'.",
    ),
  ),
  timing: optional(flag),
  report: optional(flag),
  env: optional(flag),
})

/** Checks the options of the plugin. @throws ClusterError `INVALID_INPUT` for an unknown option or an invalid value */
export function checkPluginOptions(options: unknown): void {
  checked(OPTIONS, options, {
    what: 'vitestCluster',
    refuse: (message, fix) => {
      throw new ClusterError({ code: 'INVALID_INPUT', message, fix })
    },
  })
}
