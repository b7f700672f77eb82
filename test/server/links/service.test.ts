import { describe, expect, it, vi } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { PresentAddress, ServedLink } from '../../../server/links/link.ts'
import { keepLinks } from '../../../server/links/service.ts'
import { silentLog } from '../../fakes/silent-log.ts'

const A: PresentAddress = { interface: 'eth1', index: 2, cidr: Cidr.parse('10.1.0.1/24') }
const B: PresentAddress = { interface: 'eth2', index: 3, cidr: Cidr.parse('10.2.0.1/24') }

/** A host whose NICs the test plugs, and links that only write down what happens to them. */
function host(...present: PresentAddress[]) {
  const events: string[] = []
  const failing = new Map<string, Error>()
  let onChange = () => {}
  let now: readonly PresentAddress[] = present
  const openLink = async (link: ServedLink) => {
    await Promise.resolve()
    const failure = failing.get(link.interface)
    if (failure !== undefined) throw failure
    events.push(`open ${link.interface}`)
    return { link, close: async () => void events.push(`close ${link.interface}`) }
  }
  const start = (retryMs = 60_000, dhcp: unknown = {}) =>
    keepLinks({
      wanted: [
        { interface: 'eth1', dhcp: {} },
        { interface: 'eth2', dhcp: { leaseSeconds: 600 } },
      ],
      dhcp: ServerConfig.parse({ dhcp }).dhcp,
      read: async () => now,
      watch: callback => {
        onChange = callback
        return { close: async () => void events.push('unwatched') }
      },
      openLink,
      log: silentLog,
      retryMs,
    })
  const plug = (...addresses: PresentAddress[]) => {
    now = addresses
    onChange()
  }
  return { events, failing, start, plug }
}

const settled = (check: () => void) => vi.waitFor(check, { timeout: 2000, interval: 5 })

describe('links', () => {
  it('opens what is there, waits for the rest, and closes in the reverse order', async () => {
    const { events, start, plug } = host(A)
    const links = await start()
    expect(links.waiting()).toMatchObject([{ interface: 'eth2' }])
    plug(A, B)
    await settled(() => expect(links.waiting()).toEqual([]))
    expect(links.open().map(each => [each.link.interface, each.link.dhcp.leaseSeconds])).toEqual([
      ['eth1', 43_200],
      ['eth2', 600],
    ])
    await links.close()
    expect(events).toEqual(['open eth1', 'open eth2', 'unwatched', 'close eth2', 'close eth1'])
  })

  it('looks again after the start when something changed during it', async () => {
    const { events, start, plug } = host(A)
    const starting = start()
    plug(A, B)
    const links = await starting
    await settled(() => expect(links.open()).toHaveLength(2))
    await links.close()
    expect(events.filter(event => event.startsWith('open'))).toEqual(['open eth1', 'open eth2'])
  })

  it('goes on without any NIC, and serves one that comes back', async () => {
    const { events, start, plug } = host(A)
    const links = await start()
    plug()
    await settled(() => expect(links.open()).toEqual([]))
    plug({ ...A, index: 9 })
    await settled(() => expect(links.open()).toHaveLength(1))
    expect(events).toEqual(['open eth1', 'close eth1', 'open eth1'])
    await links.close()
  })

  it('a link that fails costs the others nothing and is tried again', async () => {
    const { failing, start } = host(A, B)
    failing.set('eth1', new GodwitError('GW_PORT_IN_USE', 'udp port 67 is in use'))
    const links = await start(10)
    expect(links.open().map(each => each.link.interface)).toEqual(['eth2'])
    expect(links.waiting()).toEqual([{ interface: 'eth1', reason: 'udp port 67 is in use' }])
    failing.clear()
    await settled(() => expect(links.open().map(each => each.link.interface)).toEqual(['eth1', 'eth2']))
    expect(links.waiting()).toEqual([])
    await links.close()
  })

  it('a failure is forgotten with its NIC', async () => {
    const { failing, start, plug } = host(A, B)
    failing.set('eth1', new Error('no'))
    const links = await start()
    plug(B)
    await settled(() => expect(links.waiting()[0]?.reason).toMatch(/there is no interface eth1/))
    expect(links.waiting()).toHaveLength(1)
    await links.close()
  })

  it('refuses to start when everything fails, and leaves nothing open', async () => {
    const { events, failing, start } = host(A, B)
    failing.set('eth1', new GodwitError('GW_PORT_IN_USE', 'one')).set('eth2', new Error('two'))
    await expect(start()).rejects.toMatchObject({ code: 'GW_PORT_IN_USE' })
    expect(events).toEqual(['unwatched'])
  })

  it('refuses a wrong configuration with the problems of all links, though others would open', async () => {
    const { events, failing, start } = host(A, B)
    failing.set('eth1', new GodwitError('GW_CONFIG_INVALID', 'dhcp.pool: start comes after end'))
    await expect(start()).rejects.toThrow(/^eth1: dhcp.pool: start comes after end$/)
    expect(events).toEqual(['open eth2', 'unwatched', 'close eth2'])
  })

  it('refuses a common address that lies in no network, once all networks are known', async () => {
    const dhcp = { router: '10.2.0.254', exclude: ['10.7.0.1'], pool: { start: '10.1.0.5', end: '10.8.0.9' } }
    await expect(host(A, B).start(60_000, dhcp)).rejects.toThrow(
      'dhcp.pool: 10.8.0.9 is in no network that is served; dhcp.exclude: 10.7.0.1 is in no network that is served',
    )
    const links = await host(A).start(60_000, dhcp)
    expect(links.open()).toHaveLength(1)
    await links.close()
  })

  it('opens nothing any more once it closes', async () => {
    const { events, start, plug } = host()
    const links = await start()
    plug(A, B)
    await links.close()
    plug(A, B)
    await links.close()
    expect(events.filter(event => event.startsWith('open'))).toHaveLength(
      events.filter(event => event.startsWith('close')).length,
    )
    expect(links.open()).toEqual([])
  })
})
