// Reserves so many ports, prints them, and holds them until this process is killed.
import { reservePort } from '../../src/ports/reserve.ts'

const ports = await Promise.all(Array.from({ length: Number(process.argv[2]) }, reservePort))
console.log(JSON.stringify(ports.map(({ number }) => number)))
process.stdin.resume()
