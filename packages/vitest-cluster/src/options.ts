import './node-version.ts'

export { type Refuse, shown } from './definition/refuse.ts'
export {
  also,
  type Check,
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
