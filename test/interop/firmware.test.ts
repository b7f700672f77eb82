import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createRouterLan, type RouterLan } from './router-lan.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`broken firmware is not tested: ${reason}`)

/** The file the address server of the LAN still names, a leftover of somebody's PXE server of long ago. */
const LEFTOVER = '--dhcp-boot=pxelinux.0'
const BIOS = 'undionly.kpxe'
const UEFI = 'snponly.efi'

let lan: RouterLan

/** One boot of the firmware; what it printed. */
async function boot(program: string) {
  const path = fileURLToPath(new URL(`./firmware/${program}.ts`, import.meta.url))
  const { machine } = lan.hosts
  const running = machine.start(process.execPath, '--import', 'tsx', path, machine.device)
  const [line] = await running.until(/\{"tries".*\}/, 90_000)
  return JSON.parse(line) as { tries: number; file?: string; sizeBytes?: number }
}

describe.skipIf(reason !== undefined)('broken firmware', { timeout: 240_000 }, () => {
  beforeEach(() => {
    lan = createRouterLan('gwfw')
    lan.hosts.machine.become('52:54:00:92:00:01')
  })
  afterEach(() => lan.close())

  describe("beside the router's DHCP server", () => {
    test.each([
      ['ignores-offers-with-43', 'redirect', UEFI],
      ['only-4011', 'redirect', BIOS],
      ['drops-97', 'lean', BIOS],
      ['merges-wrongly', 'request', BIOS],
      ['stops-at-43', 'plain', UEFI],
      ['needs-a-menu', 'menu', BIOS],
      ['needs-a-prompt', 'prompt', BIOS],
    ])('%s: boots with the style %s, at once the next time', async (program, style, file) => {
      await lan.startRouter(LEFTOVER)
      const server = await lan.serve({ mode: 'proxy' })
      const first = await boot(program)
      expect(first.tries).toBeGreaterThan(1)
      expect(first.file).toBe(file)
      expect(first.sizeBytes).toBeGreaterThan(50_000)
      const tried = [...server.output().matchAll(/"style":"([\w-]+)","[^{]*trying another style/g)]
      expect(tried.at(-1)?.[1]).toBe(style)
      await server.end()
      await lan.serve({ mode: 'proxy' })
      expect(await boot(program)).toEqual({ ...first, tries: 1 })
    })

    test('sends-no-97: boots with the first style, for what was not sent is not given back', async () => {
      await lan.startRouter()
      await lan.serve({ mode: 'proxy' })
      expect(await boot('sends-no-97')).toMatchObject({ tries: 1, file: BIOS })
    })
  })

  describe('where godwit leases the addresses', () => {
    test.each([
      ['ignores-offers-with-43', UEFI],
      ['only-4011', BIOS],
      ['drops-97', BIOS],
      ['stops-at-43', UEFI],
      ['needs-a-menu', BIOS],
    ])('%s boots, at once the next time', async (program, file) => {
      await lan.serve({ mode: 'authoritative' })
      const first = await boot(program)
      expect(first.tries).toBeGreaterThan(1)
      expect(first.file).toBe(file)
      expect(await boot(program)).toEqual({ ...first, tries: 1 })
    })
  })
})
