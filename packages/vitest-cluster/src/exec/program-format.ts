/** The format of a program, which the kernel detects by its first bytes (execve(2)). */
export type ProgramFormat =
  | { readonly kind: 'script'; readonly interpreter: string }
  | { readonly kind: 'elf'; readonly machine: string; readonly loader?: string | undefined }
  | { readonly kind: 'other' }

/** Enough bytes for a script's first line, or for an ELF header with its program headers. */
export const FORMAT_BYTES = 4096

/** Numbers of elf(5), `e_machine`, and Node's names for these machines (`process.arch`). */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}
const PT_INTERP = 3

/** Detects the format of a program by its first bytes. Pure. */
export function programFormat(bytes: Buffer): ProgramFormat {
  if (bytes.toString('latin1', 0, 2) === '#!') {
    const [line = ''] = bytes.toString('utf8', 2).split('\n')
    const interpreter = line.trimStart().split(/[ \t]/)[0] ?? ''
    return { kind: 'script', interpreter }
  }
  if (bytes.length >= 20 && bytes.toString('latin1', 0, 4) === '\x7fELF') return elf(bytes)
  return { kind: 'other' }
}

function elf(bytes: Buffer): ProgramFormat {
  const wide = bytes[4] === 2
  const little = bytes[5] !== 2
  const number = (offset: number, size: 2 | 4 | 8): number => {
    if (offset + size > bytes.length) return 0
    const part = bytes.subarray(offset, offset + size)
    const big = Buffer.from(little ? part : part.toReversed())
    return size === 8 ? Number(big.readBigUInt64LE()) : big.readUIntLE(0, size)
  }
  const code = number(18, 2)
  const machine = code === 62 && !wide ? 'x32' : (MACHINES[code] ?? `machine ${code} of ELF`)
  const table = wide ? number(32, 8) : number(28, 4)
  const size = number(wide ? 54 : 42, 2)
  const count = number(wide ? 56 : 44, 2)
  for (let i = 0; i < count; i++) {
    const at = table + i * size
    if (number(at, 4) !== PT_INTERP) continue
    const from = wide ? number(at + 8, 8) : number(at + 4, 4)
    const length = wide ? number(at + 32, 8) : number(at + 16, 4)
    const loader = bytes.toString('utf8', from, from + length).replace(/\0.*/s, '')
    return { kind: 'elf', machine, loader: loader || undefined }
  }
  return { kind: 'elf', machine }
}
