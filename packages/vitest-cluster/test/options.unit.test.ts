import { expect, test } from 'vitest'
import { ClusterError } from '../src/index.ts'
import {
  also,
  checked,
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
} from '../src/options.ts'

/** `vitest-cluster/options`, as a person uses it who writes a service kind. */

interface Page {
  readonly name: string
  readonly draft?: boolean
}

interface SiteOptions {
  readonly title: string
  readonly pages?: readonly Page[]
  readonly theme?: 'light' | 'dark'
  readonly passwords?: Readonly<Record<string, string>>
  readonly root?: string
  readonly header?: string
  readonly wait?: number
  readonly onStart?: () => void
}

const NAME = matching('the name of a page', /^[a-z]+$/, "Write a name such as 'about'.")
const SITE = also(
  object<SiteOptions>({
    title: line("Write title: 'Hello'."),
    pages: optional(list(object<Page>({ name: NAME, draft: optional(flag) }), 'Write pages: [].')),
    theme: optional(oneOf(['light', 'dark'])),
    passwords: optional(
      record(
        NAME,
        valid(
          (word) => (typeof word === 'string' && word.length > 3 ? undefined : 'is too short'),
          'Use more.',
          {
            secret: true,
          },
        ),
        "Write passwords: { alice: '…' }.",
      ),
    ),
    root: optional(path("Write root: 'public'.")),
    header: optional(text("Write header: 'x'.")),
    wait: optional(timeout),
    onStart: optional(method('Write onStart: () => {}.')),
  }),
  ({ theme, header }, _, refuse) =>
    theme !== 'dark' || header === undefined || refuse('a dark page has no header', 'Remove it.'),
)

const WRONG: readonly (readonly [options: unknown, message: string, fix: string])[] = [
  [undefined, 'options is missing', 'Write an object with title, pages, '],
  [[], 'options is [], which is not an object', 'Write an object with title, '],
  [new Map(), 'options is {}, which is not a plain object', 'Write an object with title, '],
  [{}, 'title is missing', "Write title: 'Hello'."],
  [{ titel: 'x' }, 'there is no option "titel"', 'Did you mean title? The options are title, '],
  [{ title: ' ' }, 'title is " ", which is blank', "Write title: 'Hello'."],
  [{ title: 'a\nb' }, 'title is "a\\nb", which has a line break or another control', 'Write t'],
  [{ pages: {} }, 'pages is {}, which is not an array', 'Write pages: [].'],
  [{ pages: [{}] }, 'pages[0].name is missing', 'Write a name such as'],
  [{ pages: [{ name: 'a', darft: 1 }] }, 'pages[0]: there is no option "darft"', 'Did you mean d'],
  [{ pages: [{ name: 'a', draft: 1 }] }, 'pages[0].draft is 1, which is not a b', 'Write draft: '],
  [{ theme: 'blue' }, 'theme is "blue", which is not supported', "Use one of 'light', 'dark'."],
  [{ passwords: { Alice: 'x' } }, 'a key of passwords is "Alice", which is not the', 'Write a na'],
  [{ passwords: { alice: 'abc' } }, 'passwords.alice is too short', 'Use more.'],
  [{ passwords: { alice: undefined } }, 'passwords.alice is missing', 'Use more.'],
  [{ root: '' }, 'root is "", which is not a path', "Write root: 'public'."],
  [{ header: 'a\0' }, 'header is "a\\u0000", which has a NUL character', "Write header: 'x'."],
  [{ wait: 0 }, 'wait is 0, which is not a valid timeout', 'Give milliseconds'],
  [{ onStart: 1 }, 'onStart is 1, which is not a function', 'Write onStart: () => {}.'],
  [{ theme: 'dark', header: 'x' }, 'a dark page has no header', 'Remove it.'],
]

test.for(WRONG)('$1', ([options, message, fix]) => {
  const whole = Array.isArray(options) || options instanceof Map || options === undefined
  const isEmpty = !whole && Object.keys(options as object).length === 0
  const given = whole || isEmpty ? options : { title: 'Hello', ...(options as object) }
  expect(() => checked(SITE, given, { what: 'site' })).toThrow(
    expect.objectContaining({
      code: 'INVALID_DEFINITION',
      message: expect.stringContaining(`site: ${message}`),
      details: expect.objectContaining({ fix: expect.stringContaining(fix) }),
    }),
  )
})

test('right options are returned as a copy', () => {
  const options = { title: 'Hello', pages: [{ name: 'about' }], theme: undefined, wait: 5 }
  const copy = checked(SITE, options, { what: 'site' })
  expect(copy).toEqual({ title: 'Hello', pages: [{ name: 'about' }], wait: 5 })
  expect(Object.keys(copy)).not.toContain('theme')
  expect(copy.pages).not.toBe(options.pages)
})

test('an argument of a method has its name, and an error that the caller chooses', () => {
  const refuse = (message: string, fix: string): never => {
    throw new ClusterError({ code: 'INVALID_INPUT', service: 'web', message, fix })
  }
  expect(() => checked(NAME, 'A', { what: 'open', name: 'page', refuse })).toThrow(
    /^web: open: page is "A", which is not the name of a page \[INVALID_INPUT\]/,
  )
})
