/**
 * What a test's answer can depend on besides the code. A test file runs once, as whoever calls, and once more for each
 * other value of an axis that it names in a line of its own:
 *
 *     // @module-tag systemd
 *
 * These are Vitest's tags (https://vitest.dev/guide/test-tags), so one test of a file can name an axis, too:
 * `test('…', { tags: ['systemd'] }, …)`. Vitest refuses a tag that is not listed here.
 */
export const AXES = [
  {
    name: 'user',
    description: 'who runs it: also an ordinary user under the systemd of that user',
  },
  {
    name: 'private',
    description: 'which manager: also an ordinary user under a private manager',
  },
  {
    name: 'systemd',
    description: 'which systemd: also 257 and 262, as root and as an ordinary user',
  },
  {
    name: 'vitest',
    description: 'which Vitest: also 4.1, with the packages as npm would publish them',
  },
]
