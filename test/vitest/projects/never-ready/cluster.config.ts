import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineCluster } from 'vitest-cluster'
import { cache } from '../cache.ts'

export default defineCluster({
  services: {
    cache: cache({
      command: () => {
        // Its start is about to be awaited
        writeFileSync(join(tmpdir(), 'stuck'), '')
        return ['sleep', '60']
      },
    }),
  },
})
