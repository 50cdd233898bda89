// In a network of its own: leases all networks, and prints the first, the last and the error of the next.
import { leaseNetwork } from '../../src/ports/network.ts'

const networks: string[] = []
for (;;) {
  try {
    networks.push((await leaseNetwork()).prefix)
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    console.log(JSON.stringify({ first: networks[0], last: networks.at(-1), code, message }))
    break
  }
}
