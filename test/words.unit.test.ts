import { readFileSync } from 'node:fs'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { WORDS } from './words.ts'

const TEXTS = /\.(ts|js|md|sh|pl|py|yml)$|^scripts\/|^Vagrantfile$|^\.ci\//
/** Decisions keep the words of their time, and the list has all of them. */
const APART = /^(docs\/decisions\/|\.changeset\/|packages\/[^/]+\/CHANGELOG\.md$|test\/words)/

test('every text is free of the listed words', () => {
  const { stdout } = execaSync('git', ['-c', 'safe.directory=*', 'ls-files'])
  const files = stdout.split('\n').filter((file) => TEXTS.test(file) && !APART.test(file))
  expect(files.length).toBeGreaterThan(500)
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        WORDS.filter(([word]) => word.test(line)).map(
          ([word, instead]) => `${file}:${index + 1}: ${word.exec(line)?.[0]} → ${instead}`,
        ),
      ),
  )
  expect(found).toEqual([])
})

test.for([
  'The error says the mend',
  'found made in 31 ms',
  'another is taken when a stranger was faster',
  'host names know no case',
  'its tree is no tree',
  'which is no time',
  'slapadd does not take it',
  'Look whose it is',
  'then it goes by itself',
  '310 MB came free',
  'GOES IN',
  'one was made',
  'a run that passed says nothing of logs',
  'a directory that goes with the test',
  'names of what every object has are not services',
  'an option that there is not',
])('the list of words matches: %s', (text) => {
  expect(WORDS.some(([word]) => word.test(text))).toBe(true)
})

test.for([
  'there is no such file',
  'it is no longer there',
  'no port is left',
  'there are no services',
])('the list of words does not match: %s', (text) => {
  expect(WORDS.filter(([word]) => word.test(text))).toEqual([])
})
