/**
 * Defines clusters and services, and opens sessions outside Vitest.
 * @module vitest-cluster
 */
import './node-version.ts'

export type { StopOptions } from './client/change.ts'
export type { CommonHandle, Handle, HostWithServices } from './client/client.ts'
export type { HostHandle } from './client/host.ts'
export type { KillOptions } from './client/kill.ts'
export type {
  ClusterDefinition,
  ClusterSettings,
  IsolationName,
  Services,
} from './definition/cluster.ts'
export { type ClusterInput, defineCluster } from './definition/define.ts'
export { defineService } from './definition/define-service.ts'
export type { Dependencies, Requirement, ServiceView } from './definition/dependencies.ts'
export type { Exec, ExecEncoding, ExecInput, ExecOptions, ExecResult } from './definition/exec.ts'
export type { HostDefinition, HostInput, HostInputs, Hosts } from './definition/host.ts'
export type { Json, Values } from './definition/json.ts'
export type { PortNumbers } from './definition/named-ports.ts'
export type { Group, NameSources, NamesOptions } from './definition/names.ts'
export type { ServicePorts } from './definition/ports.ts'
export type { HandleOf, ServiceDefinition, ServiceInput } from './definition/service.ts'
export type {
  HandleContext,
  ServiceContext,
  State,
  StateContext,
  ValuesContext,
} from './definition/service-context.ts'
export type {
  Account,
  FileContent,
  Files,
  Need,
  Program,
  Ready,
  Uids,
  UnitOptions,
} from './definition/service-fields.ts'
export type { ChooseVariables, HandleFacts, Variables } from './definition/variables.ts'
export type { DoctorOptions } from './doctor/doctor.ts'
export type { Fix as PreconditionFix } from './doctor/fix.ts'
export { doctor } from './doctor/lazy.ts'
export type {
  Need as PreconditionNeed,
  Precondition,
  PreconditionId,
  PreconditionStatus,
} from './doctor/precondition.ts'
export {
  ClusterError,
  type ClusterErrorCode,
  type ClusterErrorDetails,
  isClusterError,
  type Site,
} from './errors.ts'
export type { LogMark, ServiceLog } from './logs/service-log.ts'
export type { ToolId } from './machine/tools.ts'
export { openSession } from './open/open-session.ts'
export type { OpenOptions, Session } from './open/public-session.ts'
export type { SessionWarning } from './session/record.ts'
export { explainError } from './shortage/explain.ts'
