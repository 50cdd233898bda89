/** Every unit of a session has its id in its name, so that nothing else is ever stopped by mistake. */
export function unitName(id: string, service: string): string {
  return `vitest-cluster-${id}-${service}.service`
}

/** Without `-`: in a slice's name it would mean a parent slice, which stays loaded (systemd.slice(5)). */
export function sliceName(id: string): string {
  return `vitest_cluster_${id}.slice`
}

/** The unit that gives accounts what is theirs, before any service starts. With `_`: no service has such a name. */
export function ownershipUnit(id: string): string {
  return unitName(id, '_ownership')
}

/** The unit that gives it once more. */
export function givingUnit(id: string): string {
  return unitName(id, '_giving')
}

/** The unit that takes it back. */
export function reclaimUnit(id: string): string {
  return unitName(id, '_reclaim')
}
