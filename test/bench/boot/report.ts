import type { LabFirmware } from '../../../config/lab.ts'
import { type Figures, rounded, type Spread, summarize } from '../stats.ts'
import { type BootTask, SUBJECTS, type Subject } from './schedule.ts'

/** One boot, measured. */
export type BootSample = BootTask & { readonly figures: Figures }

/** All boots of one subject on one firmware: `figures` are medians. */
export type BootResult = {
  readonly subject: Subject
  readonly case: LabFirmware
  readonly boots: number
  readonly figures: Figures
  readonly spread: Readonly<Record<string, Spread>>
}

/** The results, one per subject and firmware, in the order of {@link SUBJECTS}. */
export function bootResults(samples: readonly BootSample[]): readonly BootResult[] {
  return FIRMWARE.flatMap(firmware =>
    SUBJECTS.flatMap(subject => {
      const own = samples.filter(sample => sample.subject === subject && sample.firmware === firmware)
      if (own.length === 0) return []
      const { medians, spread } = summarize(own.map(sample => sample.figures))
      return [{ subject, case: firmware, boots: own.length, figures: medians, spread }]
    }),
  )
}

/** Our figure by the peer's, below 1 where we need less: `godwitToPeerSecondsBios` and the like. */
export function bootRatios(results: readonly BootResult[]): Figures {
  const ratios: Record<string, number> = {}
  for (const { subject, case: firmware, figures } of results) {
    const peer = PEER_NAMES[subject]
    const ours = results.find(result => result.subject === 'godwit' && result.case === firmware)
    if (peer === undefined || ours === undefined) continue
    for (const [figure, name] of Object.entries(RATIO_NAMES)) {
      const [own, other] = [ours.figures[figure], figures[figure]]
      if (own === undefined || other === undefined || other === 0) continue
      ratios[`godwitTo${peer}${name}${FIRMWARE_NAMES[firmware]}`] = rounded(own / other)
    }
  }
  return ratios
}

const FIRMWARE: readonly LabFirmware[] = ['bios', 'uefi']
const FIRMWARE_NAMES: Readonly<Record<LabFirmware, string>> = {
  bios: 'Bios',
  uefi: 'Uefi',
  uefi32: 'Uefi32',
  'uefi-http': 'UefiHttp',
}
const PEER_NAMES: Readonly<Partial<Record<Subject, string>>> = {
  'dnsmasq+nginx': 'Peer',
  'dnsmasq+nginx+ra': 'PeerWithRa',
}
const RATIO_NAMES: Readonly<Record<string, string>> = {
  secondsToInitrd: 'InitrdSeconds',
  secondsToReady: 'Seconds',
  bytesSent: 'Bytes',
  serverCpuSeconds: 'ServerCpu',
}
