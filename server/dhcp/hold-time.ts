import type { Request, Stage } from './request.ts'
import { isRaspberryPi } from './styles/raspberry-pi.ts'
import type { Subnet } from './subnet.ts'

/** The Pi 3's ROM never asks for the address it was offered, it uses it: until its files are loaded. */
const RASPBERRY_PI_SECONDS = 600

/** Seconds for which an offered address waits for its REQUEST. */
export function holdSecondsFor(client: Request['client'], stage: Stage, { policy }: Subnet): number {
  const isPi = stage === 'rom' && isRaspberryPi(client)
  return isPi ? Math.max(RASPBERRY_PI_SECONDS, policy.offerHoldSeconds) : policy.offerHoldSeconds
}
