import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'

/** A machine fetched something from us. One of `mac` and `ip` is needed. */
export type Contact = {
  readonly mac?: Mac
  readonly ip?: Ipv4
  readonly what: 'tftp' | 'http'
  /** The loader's name, once the whole of it has gone out. */
  readonly loader?: string
}
