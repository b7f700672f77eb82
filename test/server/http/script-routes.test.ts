import { request as httpRequest } from 'node:http'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BootEvent } from '../../../protocol/boot.ts'
import { addScripts, sendVirtualFile } from '../../../server/http/script-routes.ts'

const MAC = 'mac=52-54-00-77-00-01'
const firstScripts = { ipxe: '#!ipxe\nfirst\n', grub: 'echo first\n' }
let app: FastifyInstance
let events: BootEvent[]
let nowMs: number

beforeEach(async () => {
  app = fastify({ exposeHeadRoutes: true })
  events = []
  nowMs = 42
  addScripts(app, {
    firstScripts,
    machineScript: async query => `#!ipxe\n# ${query.mac}\n`,
    grubMachineScript: async query => `# ${query.mac} ${query.arch}\n`,
    onBootEvent: event => events.push(event),
    count: () => undefined,
    now: () => nowMs,
  })
  app.setNotFoundHandler((request, reply) =>
    sendVirtualFile(request, reply, firstScripts) ? reply : reply.code(404).send('no'),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => app.close())

/** Status, body, and the header lines with the letters they came in. */
function get(path: string, method = 'GET'): Promise<{ status: number; text: string; headers: string[] }> {
  const address = app.server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, method }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, headers: response.rawHeaders }),
      )
    })
      .on('error', reject)
      .end()
  })
}

it.each([
  ['C117 autoexec.ipxe beside the loader is the first script', '/loaders/autoexec.ipxe'],
  ['C117 autoexec.ipxe in the root is the first script', '/autoexec.ipxe'],
  ['C117 autoexec.ipxe in any folder is the first script', '/some/where/autoexec.ipxe?x=1'],
])('%s', async (_name, path) => {
  expect(await get(path)).toMatchObject({ status: 200, text: firstScripts.ipxe })
})

describe('scripts', () => {
  it.each([
    ['/boot.ipxe', firstScripts.ipxe],
    ['/grub/grub.cfg', firstScripts.grub],
    [`/v1/boot.ipxe?${MAC}&fw=bios`, '#!ipxe\n# 52:54:00:77:00:01\n'],
    ['/v1/grub.cfg?mac=52:54:00:77:00:01&fw=uefi&arch=i386', '# 52:54:00:77:00:01 i386\n'],
  ])('%s', async (path, text) => {
    expect(await get(path)).toMatchObject({ status: 200, text })
  })

  it('say their length in the letters that GRUB 2.06 knows, to GET and to HEAD', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { headers, text } = await get(`/v1/grub.cfg?${MAC}&fw=uefi`, method)
      expect(headers).toContain('Content-Length')
      expect(headers[headers.indexOf('Content-Length') + 1]).toBe('27')
      expect(text.length).toBe(method === 'GET' ? 27 : 0)
    }
  })

  it('are not to be had without limit from one address', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async () => (await get(`/v1/boot.ipxe?${MAC}&fw=bios`)).status),
    )
    expect(statuses).toContain(429)
    nowMs += 60_000
    expect((await get(`/v1/boot.ipxe?${MAC}&fw=bios`)).status).toBe(200)
  })

  it('are found by their names only', async () => {
    expect((await get('/autoexec.ipxe/x')).status).toBe(404)
    expect((await get('/autoexec.ipxe', 'POST')).status).toBe(404)
  })
})

describe('/v1/boot-error', () => {
  it('puts the step and the number of the error on the timeline', async () => {
    expect((await get(`/v1/boot-error?${MAC}&step=kernel&errno=3d222083`)).status).toBe(200)
    expect(events).toEqual([
      {
        mac: '52:54:00:77:00:01',
        stage: 'failed',
        atMs: 42,
        detail: 'the loader could not do the step "kernel" (iPXE error 3d222083, see ipxe.org/3d222083)',
      },
    ])
  })

  it('takes no text of a stranger for a number or a step', async () => {
    await get(`/v1/boot-error?${MAC}&step=initrd&errno=%3Cb%3E`)
    expect(events.at(-1)?.detail).toBe('the loader could not do the step "initrd"')
    expect((await get(`/v1/boot-error?${MAC}&step=Rm%20-rf`)).status).not.toBe(200)
    expect(events).toHaveLength(1)
  })
})
