import fc from 'fast-check'

/** A function of a definition, as data: its result can be replaced like any other part. */
export class Returns {
  readonly value: unknown
  readonly async: boolean

  constructor(value: unknown, async = false) {
    this.value = value
    this.async = async
  }
}

/** Values that cannot be printed, for example by fast-check: made together with the definition. */
export class Made {
  readonly what: string

  constructor(what: keyof typeof MAKERS) {
    this.what = what
  }

  static of({ what }: Made): unknown {
    return MAKERS[what as keyof typeof MAKERS]()
  }
}

const fails = (what: string) => () => {
  throw new TypeError(what)
}
const MAKERS = {
  cycle: () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    return cycle
  },
  proxy: () =>
    new Proxy(
      {},
      { get: (_, key) => key !== 'then' && fails('no get')(), ownKeys: fails('no keys') },
    ),
  prototype: () => new Proxy({}, { getPrototypeOf: fails('no prototype') }),
  getter: () => Object.defineProperty({}, 'name', { enumerable: true, get: fails('no name') }),
  symbol: () =>
    Object.defineProperty({}, 'kind', {
      enumerable: true,
      get: () => {
        throw Symbol('no')
      },
    }),
  json: () => ({ toJSON: fails('no JSON') }),
  text: () => ({ toString: fails('no text'), [Symbol.toPrimitive]: fails('no primitive') }),
  // biome-ignore lint/suspicious/noThenProperty: a then that is not a promise's is tested
  thenable: () => ({ then: (resolve: (value: unknown) => void) => resolve(5) }),
}

const TEXTS = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '/',
    '//',
    '~',
    '-',
    '%',
    '%n',
    '%%',
    '$HOME',
    ':',
    '=',
    'a=b',
    '@',
    '@mount',
  ],
  ...[
    '../up',
    '/../up',
    '/srv/../../up',
    'a/../../up',
    'a/..',
    './a',
    'a//b',
    'a/',
    '/a',
    '/srv/web',
    '/srv/web/in',
  ],
  ...[
    'a\nb',
    '/home/a\nroot2::0:0::/:/bin/sh',
    'a\0b',
    '\n',
    '\r',
    '\x7f',
    '\ud800',
    'ä',
    'a:b',
    '/a:b',
    '/proc/self',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    'prototype',
    'length',
  ],
  ...[
    'root',
    'session',
    'nobody',
    'nogroup',
    'tty',
    'web',
    'db',
    'www',
    'log',
    'localhost',
    '0',
    '-1',
    '1e3',
  ],
  ...[
    'x'.repeat(33),
    'x'.repeat(300),
    `/${'x'.repeat(300)}`,
    `/${'x/'.repeat(3000)}`,
    'x'.repeat(200_000),
  ],
  ...[
    'notify',
    'listening',
    'SIGTERM',
    'setgroups:0',
    'setgroups:99999',
    '@nosuch',
    'chroot',
    'boot',
    'private',
  ],
]
const NUMBERS = [
  0,
  -0,
  -1,
  0.5,
  1,
  0o644,
  0o10000,
  2 ** 31,
  2 ** 53,
  2 ** 64,
  1e300,
  1e-9,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]
const ODD = [
  null,
  undefined,
  true,
  false,
  [],
  {},
  [null],
  [undefined],
  [[]],
  [{}],
  new Array(2),
  1n,
  Symbol('s'),
  ...Object.keys(MAKERS).map((what) => new Made(what as keyof typeof MAKERS)),
]
const OBJECTS = [
  new Date(0),
  /x/,
  new Map([['a', 1]]),
  new Set(['a']),
  new URL('file:///etc'),
  new Uint8Array(3),
  Promise.resolve(),
  Object.create(null),
  new (class Own {
    a = 1
  })(),
  () => 'a',
]

/** Text that a program, a file or systemd could interpret. */
export const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'a/.:\n\0%=@-_'), maxLength: 12 }) },
)

const plain = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.constantFrom(...OBJECTS) },
  {
    weight: 1,
    arbitrary: fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withDate: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
      key: text,
    }),
  },
)

/** Any value: also in arrays, under odd names, and as results of functions. */
export const value = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.array(plain, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(text, plain, { maxKeys: 3, noNullPrototype: false }) },
  {
    weight: 1,
    arbitrary: fc.tuple(plain, fc.boolean()).map(([of, async]) => new Returns(of, async)),
  },
)
