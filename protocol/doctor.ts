import type { Mac } from '../config/values/mac.ts'

/** First three octets of the addresses that `godwit doctor` asks DHCP with: locally administered, no card has them. */
const DOCTOR_PREFIX = '02:67:77'

/** The doctor's address when it stands for a machine of client architecture `arch` (RFC 4578 §2.1, 0 to 255). */
export function doctorMac(arch: number): Mac {
  return `${DOCTOR_PREFIX}:00:00:${arch.toString(16).padStart(2, '0')}` as Mac
}

/** Whether it is the doctor who asks: it gets its answer, but is no machine and no node. */
export function isDoctor(mac: Mac): boolean {
  return mac.startsWith(`${DOCTOR_PREFIX}:00:00:`)
}
