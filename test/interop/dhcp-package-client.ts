import { createRequire } from 'node:module'

/**
 * The client of npm `dhcp` as a program: `dhcp-package-client.ts MAC`. Alone it gets nowhere: it sets no broadcast
 * flag, so that no offer reaches it, and its REQUEST names neither address nor server. Those three are put right
 * here; the rest is its own. Prints `{"bound": ADDRESS, …}`.
 */
type Packet = {
  readonly yiaddr: string
  readonly options: Readonly<Record<number, unknown>>
}
type Client = {
  _req: Packet
  _send(host: string, packet: { flags: number; options: Record<number, unknown> }): void
  listen(port: number, host: string, onReady: () => void): void
  sendDiscover(): void
  on(event: 'bound', listener: (state: { address: string; options: object }) => void): void
  on(event: 'error', listener: (error: unknown) => void): void
  close(): void
}
const require = createRequire(import.meta.url)
const dhcp: { createClient(options: { mac: string; features: readonly string[] }): Client } = require('dhcp')

const [mac = ''] = process.argv.slice(2)
const client = dhcp.createClient({ mac, features: ['hostname'] })
const send = client._send.bind(client)
client._send = (host, packet) => {
  const offer = client._req as Packet | null
  const chosen = packet.options[53] === 3 && offer !== null ? { 50: offer.yiaddr, 54: offer.options[54] } : {}
  send(host, { ...packet, flags: 0x8000, options: { ...packet.options, ...chosen } })
}
client.on('error', error => process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`))
client.on('bound', ({ address, options }) => {
  process.stdout.write(`${JSON.stringify({ bound: address, options })}\n`)
  client.close()
})
client.listen(68, '0.0.0.0', () => client.sendDiscover())
