/*
 * Addresses of D-Bus servers (D-Bus specification, "Server Addresses"). In a value every byte but [-0-9A-Za-z_/.*] is
 * written as % and two hexadecimal digits, so that a path may contain a comma or a percent sign.
 */

const PREFIX = 'unix:path='

/** The address of the server that listens on a socket. */
export function busAddress(socket: string): string {
  const escaped = Array.from(Buffer.from(socket), (byte) => {
    const character = String.fromCharCode(byte)
    if (/[-0-9A-Za-z_/.*]/.test(character)) return character
    return `%${byte.toString(16).padStart(2, '0')}`
  })
  return PREFIX + escaped.join('')
}

/** The socket of a `unix:path=` address, the first where there are several. Undefined for any other address. */
export function socketOf(address: string): string | undefined {
  const [first = ''] = address.split(';')
  if (!first.startsWith(PREFIX)) return undefined
  const [value = ''] = first.slice(PREFIX.length).split(',')
  if (value === '' || /%(?![0-9A-Fa-f]{2})/.test(value)) return undefined
  const bytes = value.replaceAll(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}
