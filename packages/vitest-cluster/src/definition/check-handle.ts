import { reading, refuseFor } from './refuse.ts'
import { shown } from './shown.ts'
import { isPlain } from './words.ts'

/** Checks what a service's `handle` returns: its own properties become those of the handle that a test gets. */
export function checkedHandle(handle: unknown, service: string): object {
  return reading('its handle', service, () => check(handle, service))
}

function check(handle: unknown, service: string): object {
  const refuse = refuseFor(service)
  if (!isPlain(handle)) {
    return refuse(
      `its handle function returns ${shown(handle)}, whose methods a handle would not have`,
      'Return a plain object: handle: () => ({ client: new Client() }).',
    )
  }
  if (!Object.hasOwn(handle, 'then')) return handle
  return refuse(
    'its handle has a property then, so that await would take it for a promise',
    'Give it another name.',
  )
}
