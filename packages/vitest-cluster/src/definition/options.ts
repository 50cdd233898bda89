import { nearest } from './nearest.ts'
import { type Refuse, refuseFor, shown } from './refuse.ts'

/**
 * Refuses unknown options: a misspelt one would be ignored. Every object of options is checked here.
 * @param what the owner of the options, for the message: `debianTree`, `account www`; undefined if the error names it
 */
export function checkOptionNames(
  what: string | undefined,
  options: object,
  names: readonly string[],
  refuse: Refuse = refuseFor(undefined),
): void {
  for (const key of Reflect.ownKeys(options)) {
    if (typeof key === 'string' && names.includes(key)) continue
    const near = typeof key === 'string' && nearest(key, names)
    refuse(
      `${what === undefined ? '' : `${what}: `}there is no option ${shown(key)}`,
      `${near ? `Did you mean ${near}? ` : ''}The options are ${names.join(', ')}.`,
    )
  }
}
