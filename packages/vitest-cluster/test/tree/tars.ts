import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { execa } from 'execa'
import { type Header, pack } from 'tar-stream'

/** A member of an archive: `[name, content]`, `[name, '-> target']`, or any header with its content. */
export type Entry = readonly [string, (string | Buffer)?] | (Partial<Header> & { name: string })

/** A tar of these members, harmless or hostile. */
export async function tar(...entries: readonly Entry[]): Promise<Buffer> {
  const packer = pack()
  for (const entry of entries) {
    if (!(Symbol.iterator in entry)) {
      packer.entry(
        entry,
        entry.type === undefined || entry.type === 'file' ? '' : (undefined as never),
      )
      continue
    }
    const [name, content = ''] = entry
    const target = /^-> (.*)/.exec(content.toString('utf8'))?.[1]
    if (target !== undefined) packer.entry({ name, type: 'symlink', linkname: target })
    else if (name.endsWith('/')) packer.entry({ name, type: 'directory', mode: 0o755 })
    else packer.entry({ name }, content)
  }
  packer.finalize()
  return buffer(packer as unknown as AsyncIterable<Buffer>)
}

/** Compresses by Node, or by the program if Node lacks the format. */
export async function compressed(format: 'gzip' | 'xz' | 'zstd', input: Buffer): Promise<Buffer> {
  if (format === 'gzip') return gzipSync(input)
  if (format === 'zstd') return zstdCompressSync(input)
  const { stdout } = await execa(format, ['-c'], { input, encoding: 'buffer' })
  return Buffer.from(stdout)
}

export function digest(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}
