import type { Options } from './area.ts'
import { OPTION } from './code.ts'

type Rule = {
  readonly fits: (lengthBytes: number) => boolean
  /** `drop`: without it the request means something else. `ignore`: the option is treated as absent. */
  readonly otherwise: 'drop' | 'ignore'
}

const exactly = (size: number) => (lengthBytes: number) => lengthBytes === size

/** Lengths of the options we act on. Firmware sends wrong 93, 94 and 97 in the field, so these are forgiven. */
const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [OPTION.messageType, { fits: exactly(1), otherwise: 'drop' }],
  [OPTION.requestedIp, { fits: exactly(4), otherwise: 'drop' }],
  [OPTION.serverId, { fits: exactly(4), otherwise: 'drop' }],
  [OPTION.leaseSeconds, { fits: exactly(4), otherwise: 'ignore' }],
  [OPTION.overload, { fits: exactly(1), otherwise: 'ignore' }],
  [OPTION.maxMessageSize, { fits: exactly(2), otherwise: 'ignore' }],
  // A zero-length client id crashed ISC dhcpd (CVE-2010-2156); RFC 2132 §9.14 wants two octets.
  [OPTION.clientId, { fits: length => length >= 2, otherwise: 'ignore' }],
  [OPTION.clientArch, { fits: length => length >= 2 && length % 2 === 0, otherwise: 'ignore' }],
  [OPTION.networkInterface, { fits: exactly(3), otherwise: 'ignore' }],
  [OPTION.subnetSelection, { fits: exactly(4), otherwise: 'ignore' }],
  [OPTION.machineId, { fits: exactly(17), otherwise: 'ignore' }],
])

/** The rules once more, by code: every packet asks for each of its options. */
const RULE_OF: readonly (Rule | undefined)[] = Array.from({ length: 256 }, (_, code) => RULES.get(code))

/** Whether an option of this code and length can be taken as it is. */
export function hasFitLength(code: number, lengthBytes: number): boolean {
  const rule = RULE_OF[code]
  return rule === undefined || rule.fits(lengthBytes)
}

/** Whether the server acts on this option, so that a cut-off instance makes the packet unusable. */
export function isActedOn(code: number): boolean {
  return RULES.has(code) || code === OPTION.parameterList || code === OPTION.vendorClass
}

/** Options with sane lengths, or the first option whose wrong length makes the whole packet ambiguous. */
export type LengthCheck =
  | { readonly kind: 'options'; readonly options: Options; readonly ignored: readonly number[] }
  | { readonly kind: 'bad-length'; readonly code: number }

/** Applies the length rules of RFC 2132 to the options we interpret; all others pass as they are. */
export function checkLengths(options: Options): LengthCheck {
  const ignored: number[] = []
  for (const [code, value] of options) {
    const rule = RULES.get(code)
    if (rule === undefined || rule.fits(value.length)) continue
    if (rule.otherwise === 'drop') return { kind: 'bad-length', code }
    ignored.push(code)
  }
  if (ignored.length === 0) return { kind: 'options', options, ignored }
  return {
    kind: 'options',
    options: new Map([...options].filter(([code]) => !ignored.includes(code))),
    ignored,
  }
}
