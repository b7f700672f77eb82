import type { LabFirmware } from '../../../config/lab.ts'

/** Who serves the boot: we, the usual pair of servers, or that pair with our router advertisements beside it. */
export const SUBJECTS = ['godwit', 'dnsmasq+nginx', 'dnsmasq+nginx+ra'] as const
/** One of the {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number]

/** One boot to measure. `run` counts from 1. */
export type BootTask = { readonly run: number; readonly subject: Subject; readonly firmware: LabFirmware }

/** What is to be compared: how often, on which firmware, with which subjects. */
export type Comparison = {
  readonly runs: number
  readonly firmware: readonly LabFirmware[]
  readonly subjects: readonly Subject[]
}

/**
 * All boots in the order they are done: subjects take turns, so that a host that grows slower or faster meanwhile
 * does so for all, and every other run goes through them backwards, so that none is always the first.
 */
export function bootSchedule({ runs, firmware, subjects }: Comparison): readonly BootTask[] {
  return Array.from({ length: runs }, (_, index) => index + 1).flatMap(run => {
    const order = run % 2 === 1 ? subjects : [...subjects].reverse()
    return firmware.flatMap(kind => order.map(subject => ({ run, subject, firmware: kind })))
  })
}
