/** Every unit of a session has the session's id in its name, so that no other unit is ever stopped by mistake. */
export function unitName(id: string, service: string): string {
  return `vitest-cluster-${id}-${service}.service`
}

/** Without `-`: that would denote a parent slice, which stays loaded (systemd.slice(5)). */
export function sliceName(id: string): string {
  return `vitest_cluster_${id}.slice`
}

/** The unit that copies a service's log files to its log. */
export function logFilesUnit(id: string, service: string): string {
  return unitName(id, `_files-${service}`)
}

/** The unit that listens on the /dev/log of a service. */
export function syslogUnit(id: string, service: string): string {
  return unitName(id, `_syslog-${service}`)
}

/** The unit that gives directories to their accounts before any service starts. No service's name begins with `_`. */
export function ownershipUnit(id: string): string {
  return unitName(id, '_ownership')
}

/** The unit that gives the directories to their accounts again. */
export function givingUnit(id: string): string {
  return unitName(id, '_giving')
}

/** The unit that gives the directories to the run. */
export function reclaimUnit(id: string): string {
  return unitName(id, '_reclaim')
}

/** The unit that makes roots of their own for hosts and services. */
export function ownRootsUnit(id: string): string {
  return unitName(id, '_roots')
}
