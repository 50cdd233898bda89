import { test } from '@vitest-cluster/fixtures/hgweb'

test('the fixture cannot know which is meant', ({ hgweb }) => hgweb.url)
