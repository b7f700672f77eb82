import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { explainCapture } from '../../../cli/capture/explain.ts'
import { readPcap } from '../../../cli/capture/pcap.ts'

/** Made by `godwit capture` on a cable between two namespaces: udhcpc as a UEFI ROM, then curl by TFTP and HTTP. */
const file = new URL('../../fixtures/capture/udhcpc-curl.pcap', import.meta.url)

it('tells a recorded boot', () => {
  const read = readPcap(new Uint8Array(readFileSync(file)))
  if (read.kind === 'unreadable') throw new Error(read.reason)
  expect([read.frames.length, read.isCutOff]).toEqual([37, false])
  const [boot, ...others] = explainCapture(read.frames)
  expect(others).toEqual([])
  expect(boot).toMatchObject({ mac: '52:54:00:91:00:01', addresses: ['10.91.0.178'] })
  expect(boot?.events).toMatchObject([
    { kind: 'dhcp', message: 'DISCOVER', stage: 'rom', arch: 'x64' },
    { kind: 'dhcp', message: 'OFFER', from: '10.91.0.1', file: 'snponly.efi' },
    { kind: 'dhcp', message: 'REQUEST' },
    { kind: 'dhcp', message: 'ACK', address: '10.91.0.178' },
    { kind: 'tftp', file: 'autoexec.ipxe', outcome: 'complete', blocks: 3, repeatedBlocks: 0 },
    { kind: 'http', request: 'GET /boot.ipxe', status: 200 },
    { kind: 'http', request: 'GET /nothing', status: 404 },
  ])
  expect(boot?.diagnosis).toEqual(['GET /nothing was refused with status 404'])
})
