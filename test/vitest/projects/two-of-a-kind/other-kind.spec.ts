import { test } from '@vitest-cluster/fixtures/ssh'

test('the cluster has none of this kind', ({ ssh }) => ssh.url)
