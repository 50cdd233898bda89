import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

// For proc(5) and similar: a file is missing if its process ends during the read

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
