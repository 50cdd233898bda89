import { test } from '@vitest-cluster/fixtures/hgweb'

test('is never run', ({ hgweb }) => hgweb.url)
