/**
 * Checks of the options of your own service kinds, with the messages of `defineCluster`: one table for each option type.
 * @module vitest-cluster/options
 */
import './node-version.ts'

export { type Refuse, shown } from './definition/refuse.ts'
export {
  also,
  type Check,
  type CheckedOptions,
  checked,
  type Fields,
  flag,
  line,
  list,
  matching,
  method,
  object,
  oneOf,
  optional,
  path,
  record,
  text,
  timeout,
  valid,
} from './definition/schema.ts'
