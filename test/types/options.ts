/** Compiled by `tsc --build`, never run: tables of checks have to fit the types of the options. */
import { expectTypeOf } from 'vitest'
import type * as options from 'vitest-cluster/options'
import { checked, flag, line, list, object, oneOf, optional, record } from 'vitest-cluster/options'

interface SiteOptions {
  readonly title: string
  readonly pages?: readonly string[]
  readonly theme?: 'light' | 'dark'
  readonly draft?: boolean
  readonly users?: Readonly<Record<string, { readonly name: string }>>
}

const TITLE = line("Write title: 'Hello'.")
const PAGES = list(line("Write 'about'."), "Write pages: ['about'].")
const REST = { theme: optional(oneOf(['light', 'dark'])), draft: optional(flag) }
const USERS = record(TITLE, object<{ name: string }>({ name: TITLE }), 'Write users: {}.')

const SITE = object<SiteOptions>({
  ...{ title: TITLE, pages: optional(PAGES), users: optional(USERS) },
  ...REST,
})
expectTypeOf(checked(SITE, {}, { what: 'site' })).toEqualTypeOf<SiteOptions>()

// @ts-expect-error a field without a check: users
object<SiteOptions>({ title: TITLE, pages: optional(PAGES), ...REST })
// @ts-expect-error a check without a field
object<{ title: string }>({ title: TITLE, titel: TITLE })
// @ts-expect-error a check of another type
object<{ title: number }>({ title: TITLE })
// @ts-expect-error a required field that may be left out
object<{ title: string }>({ title: optional(TITLE) })
// @ts-expect-error a word that the type does not have
object<{ theme: 'light' }>({ theme: oneOf(['light', 'dark']) })

/** Every value that the entry exports. The table in packages/vitest-cluster/README.md describes each. */
expectTypeOf<keyof typeof options>().toEqualTypeOf<
  | 'also'
  | 'checked'
  | 'flag'
  | 'line'
  | 'list'
  | 'matching'
  | 'method'
  | 'object'
  | 'oneOf'
  | 'optional'
  | 'path'
  | 'record'
  | 'shown'
  | 'text'
  | 'timeout'
  | 'valid'
>()
