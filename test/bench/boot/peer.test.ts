import { describe, expect, it } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { Mac } from '../../../config/values/mac.ts'
import { machineScript, stopScript } from '../../../server/boot/script.ts'
import { dnsmasqArgv, joinServerLayer, nginxConfig, PEER_MACHINE } from './peer-config.ts'
import { peerScript } from './peer-script.ts'

const MAC = Mac.parse('52:54:00:67:77:01')
const place = {
  ownBase: 'http://10.77.0.1:7080',
  peerBase: 'http://10.77.0.1:8080',
  address: Cidr.parse('10.77.0.100/24'),
}

describe('peerScript', () => {
  const own = machineScript({
    name: 'node-677701',
    kernelUrl: `${place.ownBase}/images/abc/vmlinuz?mac=1`,
    initrdUrl: `${place.ownBase}/images/abc/initrd.img?mac=1`,
    kernelArgs: [
      'boot=godwit',
      'godwit.ip=0.0.0.0/24',
      'godwit.http=7080',
      'godwit.token=secret',
      `godwit.root=${place.ownBase}/images/abc/root.squashfs?mac=1`,
    ],
    retryUrl: `${place.ownBase}/boot.ipxe`,
    errorUrl: `${place.ownBase}/v1/boot-error?mac=1`,
  })

  it("fetches everything from the peer and has the peer's address; the rest stays", () => {
    const script = peerScript(own, place)
    const text = script.kind === 'script' ? script.text : ''
    expect(text).not.toContain(place.ownBase)
    expect(text).toContain(`kernel ${place.peerBase}/abc/vmlinuz`)
    expect(text).toContain(`initrd --name initrd.img ${place.peerBase}/abc/initrd.img`)
    expect(text).toContain(`godwit.root=${place.peerBase}/abc/root.squashfs`)
    expect(text).toContain(' godwit.ip=10.77.0.100/24 godwit.http=7080 godwit.token=secret ')
    expect(text).toContain(`chain --replace ${place.peerBase}/boot.ipxe`)
  })

  it('tells why there is nothing to boot', () => {
    expect(peerScript(stopScript('no image on channel "stable"'), place)).toEqual({
      kind: 'none',
      reason: expect.stringMatching(/^godwit: no image on channel "stable";/),
    })
  })
})

describe("the peer's servers", () => {
  const files = { folder: '/f', imageDir: '/images' }

  it('dnsmasq leases the address that the script names', () => {
    expect(dnsmasqArgv(files, MAC)).toContain(`--dhcp-host=${MAC},${PEER_MACHINE.address}`)
  })

  it('nginx serves the image folder and the one script', () => {
    expect(nginxConfig(files)).toContain('root /images;')
    expect(nginxConfig(files)).toContain('location = /boot.ipxe { alias /f/boot.ipxe; }')
  })

  it.each([true, false])('our own server keeps out of DHCP and TFTP (advertises: %s)', advertises => {
    const config = ServerConfig.parse(joinServerLayer(advertises))
    expect(config.dhcp.mode).toBe('off')
    expect(config.tftp.enabled).toBe(false)
    expect(config.boot.routerAdvertisements).toBe(advertises)
  })
})
