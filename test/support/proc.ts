import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

// Of proc(5) and the like: what ends while it is looked at is not there

export function entries(directory: string, directories = false): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !directories || entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

export function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
