import type { BootEvent } from '../../../protocol/boot.ts'
import type { Listeners } from '../report.ts'
import type { Request } from '../request.ts'
import type { Progress } from './offers.ts'

/**
 * Tells that a machine did not follow an offer. When it followed none, the log and the boot's timeline name the two
 * settings that make the LAN's own DHCP server say what we could not.
 */
export function reportProgress(to: Listeners, request: Request, progress: Progress): void {
  const { mac } = request
  const { kind, firmware, style, boot } = progress
  to.count('dhcp', `style: ${kind} ${style}`)
  if (kind === 'next') {
    to.log.info({ mac, firmware, style }, 'offer not followed, trying another style')
    return
  }
  const detail = `${firmware} followed no offer; ${remedy(boot)}`
  if (to.isDue(`${mac} followed no offer`)) to.log.warn({ mac, firmware }, detail)
  const event: BootEvent = { mac, stage: 'failed', atMs: to.now(), detail, firmware: request.client.firmware }
  to.onBootEvent(event)
}

function remedy(boot: Progress['boot']): string {
  if (boot === undefined) return 'there is nothing for it to boot'
  return `set by hand in the DHCP server of this LAN: option 66 = ${boot.nextServer}, option 67 = ${boot.file}`
}
