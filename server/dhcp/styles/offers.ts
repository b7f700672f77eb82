import type { Mac } from '../../../config/values/mac.ts'
import type { StyleName } from '../../../config/values/style-name.ts'
import { isDoctor } from '../../../protocol/doctor.ts'
import type { Now } from '../../../protocol/log.ts'
import { createRecent, type Recent } from '../../recent.ts'
import type { BootAnswer, BootClient, BootFor } from '../boot-client.ts'
import { MESSAGE } from '../options/code.ts'
import type { Request } from '../request.ts'
import { FirmwareClass, firmwareClassOf, stylesFor } from './firmware-class.ts'
import { STYLES } from './style.ts'
import type { StyleMemory } from './style-memory.ts'
import { discoverAgain, gettingOn, startTrial, styleNow, succeeded, type Trial, type Turn } from './trial.ts'

/** What adaptive offers are made from. */
export type OffersNeeds = {
  readonly bootFor: BootFor
  /** Whether another server leases the addresses. */
  readonly isProxy: () => boolean
  readonly memory: StyleMemory
  /** The style the operator fixed for a machine. */
  readonly fixedStyle: (mac: Mac) => StyleName | undefined
  readonly now: Now
}

/** How a style does: the client's DISCOVER is its only complaint. */
export type Progress = {
  readonly kind: Exclude<Turn['kind'], 'first' | 'same'>
  readonly firmware: FirmwareClass
  /** The style from now on. */
  readonly style: StyleName
  /** What the firmware was to boot. */
  readonly boot: BootAnswer | undefined
}

/** Boot answers in the style that each machine's firmware understands. */
export type Offers = {
  /** The boot decision with its style. */
  readonly bootFor: BootFor
  /** Takes note of a request before it is answered; tells when a style was given up. */
  heard(request: Request): Progress | undefined
  /** The request that was heard got no offer, which is no fault of a style. */
  unanswered(request: Request): void
  /** The machine followed an offer: it asked on port 4011, or fetched something by TFTP or HTTP. */
  followed(mac: Mac, how: 'boot-server' | 'fetch'): void
}

/**
 * Machines under trial at once, for each class; more are made up, and the longest silent ones are forgotten. At least
 * half of it is kept, which must be more than a crowd that asks in turn: of 5000 machines and room for 2048, each would
 * find its trial just thrown away.
 */
const MAX_TRIALS = 16_384
/** A fetch this long after the last offer has nothing to do with it. */
const RELATED_MS = 600_000

/** Tries the styles of style.ts on machines that do not follow, and remembers which one they follow. */
export function createOffers({ bootFor, isProxy, memory, fixedStyle, now }: OffersNeeds): Offers {
  const trials = createTrials()

  const orderFor = (mac: Mac, firmware: FirmwareClass) => {
    const fixed = fixedStyle(mac)
    return fixed === undefined ? stylesFor(firmware, isProxy(), memory.recall(mac, firmware)) : [fixed]
  }

  const styleFor = (client: BootClient) => {
    const firmware = firmwareClassOf(client, client.stage)
    const trial = trials[firmware].get(client.mac)
    return trial === undefined ? orderFor(client.mac, firmware)[0] : styleNow(trial)
  }

  const followed: Offers['followed'] = (mac, how) => {
    const found = latest(trials, mac)
    if (found === undefined || found.trial.begun || now() - found.trial.lastOfferMs > RELATED_MS) return
    const { trial, firmware } = found
    trials[firmware].set(mac, how === 'fetch' ? succeeded(trial) : gettingOn(trial, now()))
    if (how === 'fetch') memory.remember(mac, firmware, styleNow(trial))
  }

  return {
    bootFor(client) {
      const boot = bootFor(client)
      if (boot === undefined || client.stage === 'ipxe') return boot
      const { file, nextServer } = boot
      return { file, nextServer, style: STYLES[styleFor(client) ?? 'direct'] }
    },
    heard({ messageType, stage, client, mac, packet }) {
      // The doctor follows no offer, and would use all styles up.
      if (messageType !== MESSAGE.discover || stage === 'os' || isDoctor(mac)) return undefined
      // The loader itself asks: no better proof that the firmware found it.
      if (stage === 'ipxe') return void followed(mac, 'fetch')
      const firmware = firmwareClassOf(client, stage)
      const before = trials[firmware].get(mac)
      const turn =
        before === undefined
          ? startTrial(orderFor(mac, firmware), packet.xid, now())
          : discoverAgain(before, packet.xid, now())
      // In place: a trial grows old, and a new one with each DISCOVER would be old garbage soon.
      trials[firmware].set(mac, before === undefined ? turn.trial : Object.assign(before, turn.trial))
      if (turn.kind === 'first' || turn.kind === 'same') return undefined
      return { kind: turn.kind, firmware, style: styleNow(turn.trial), boot: bootFor({ ...client, stage }) }
    },
    unanswered({ stage, client, mac }) {
      if (stage !== 'os') trials[firmwareClassOf(client, stage)].delete(mac)
    },
    followed,
  }
}

/** By firmware class: a machine may have several. */
type Trials = Readonly<Record<FirmwareClass, Recent<Mac, Trial>>>

function createTrials(): Trials {
  const none = () => createRecent<Mac, Trial>(MAX_TRIALS)
  return { bios: none(), uefi: none(), 'uefi-http': none(), 'raspberry-pi': none() }
}

/** The trial of this machine that had the last offer. */
function latest(trials: Trials, mac: Mac) {
  const found = FirmwareClass.options.flatMap(firmware => {
    const trial = trials[firmware].get(mac)
    return trial === undefined ? [] : [{ trial, firmware }]
  })
  return found.sort((one, other) => other.trial.lastOfferMs - one.trial.lastOfferMs)[0]
}
