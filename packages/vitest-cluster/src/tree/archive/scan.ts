import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Member } from './member.ts'

/**
 * Reads the headers of a tar.
 * @param visit told of every member in order; what it throws ends the reading
 * @returns how many there were
 */
export async function scanTar(tar: Readable, visit: (member: Member) => void): Promise<number> {
  const { extract } = await import('tar-stream')
  // Older tars than POSIX's are read, too: the headers' checksums tell what is none
  const reader = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0])
  let count = 0
  reader.on('entry', (header, content, next) => {
    count++
    // The reader itself says the same, to `pipeline`
    content.on('error', () => {})
    try {
      visit(header)
    } catch (error) {
      reader.destroy(error as Error)
      return
    }
    content.on('end', () => next())
    content.resume()
  })
  await pipeline(tar, reader as unknown as NodeJS.WritableStream)
  return count
}
