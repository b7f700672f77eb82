import { Ipv4 } from '../../config/values/ipv4.ts'
import { createLog } from '../../server/io/log.ts'
import { createNicSockets, type NicSockets } from '../../server/io/nic-sockets.ts'
import { adoptNicSockets } from '../../server/io/nic-sockets-adopted.ts'

/**
 * Opens a port on some NICs in the way named and answers each datagram with a broadcast from there:
 * `nic-sockets-runner.ts launched|adopted|plain PORT DEVICE ADDRESS [DEVICE ADDRESS]…`. Prints a JSON line for each
 * datagram, and `{"open": …}` or `{"failed": …}` first.
 */
const [way = '', port = '0', ...nics] = process.argv.slice(2)
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)
const log = createLog('error')
const unavailable = async () => ({ kind: 'unavailable', reason: 'the test closed this way' }) as const
const open = createNicSockets({
  isOnlyNic: nics.length === 2,
  adopt: way === 'adopted' ? await adoptNicSockets(process.env, log) : () => undefined,
  log,
  ...(way === 'launched' ? {} : { launch: unavailable }),
})

function answer(device: string, { broadcast, own }: NicSockets): void {
  const listen = (socket: typeof own, delivery: string) =>
    socket.on('message', (bytes, from) => {
      const text = bytes.toString('latin1')
      say({ heard: text, device, delivery, from: from.address })
      own.send(`echo ${text}`, from.port, '255.255.255.255')
    })
  listen(broadcast, 'broadcast')
  listen(own, 'unicast')
}

const startedAt = performance.now()
try {
  for (let at = 0; at < nics.length; at += 2) {
    const nic = { interface: nics[at] ?? '', address: Ipv4.parse(nics[at + 1]) }
    answer(nic.interface, await open(nic, Number(port)))
  }
  say({ open: nics.length / 2, tookMs: Math.round(performance.now() - startedAt) })
} catch (error) {
  say({ failed: (error as { code?: string }).code, message: String(error) })
  process.exit(1)
}
