import * as z from 'zod'
import type { LabConfig } from '../config/lab.ts'

/** How QEMU executes the guests' code: in the CPU, or translated. */
export type AccelKind = 'kvm' | 'tcg'

/** The accelerator of a lab and, in one sentence, why it is this one. */
export const AccelChoice = z.strictObject({ kind: z.enum(['kvm', 'tcg']), reason: z.string() })
export type AccelChoice = z.output<typeof AccelChoice>

/** What the probe guest did; `elapsedMs` from QEMU's start to its end or to the limit. */
export type ProbeOutcome =
  | { readonly kind: 'booted'; readonly elapsedMs: number }
  | { readonly kind: 'hung'; readonly elapsedMs: number }
  | { readonly kind: 'failed'; readonly message: string }

/** What must be known of the host before a probe guest is worth starting. */
export type AccelFacts = {
  /** Text of /proc/cpuinfo. */
  readonly cpuinfo: string
  readonly kvmDevice: 'usable' | 'denied' | 'missing'
}

/** A decision, or that only a probe guest can tell. */
export type AccelDecision =
  | { readonly kind: 'decided'; readonly choice: AccelChoice }
  | { readonly kind: 'probe' }

/**
 * Decides as far as the host's facts go. The CPU flag is asked for although /dev/kvm may open without it: hosts
 * were seen whose KVM opens, runs small guests slowly, and hangs a Linux kernel right after "Probing EDD".
 */
export function decideAccel(asked: LabConfig['accel'], facts: AccelFacts): AccelDecision {
  if (asked !== 'auto') return decided(asked, `${asked} was asked for`)
  if (!hasVirtualization(facts.cpuinfo)) return decided('tcg', 'the CPU shows neither vmx nor svm')
  if (facts.kvmDevice === 'missing') return decided('tcg', 'there is no /dev/kvm')
  if (facts.kvmDevice === 'denied') return decided('tcg', '/dev/kvm may not be opened (join the group kvm)')
  return { kind: 'probe' }
}

/** The choice that follows from what the probe guest did. */
export function choiceAfterProbe(outcome: ProbeOutcome): AccelChoice {
  switch (outcome.kind) {
    case 'booted':
      return { kind: 'kvm', reason: `a probe guest booted on KVM in ${Math.round(outcome.elapsedMs)} ms` }
    case 'hung':
      return { kind: 'tcg', reason: `a probe guest on KVM hung for ${Math.round(outcome.elapsedMs)} ms` }
    case 'failed':
      return { kind: 'tcg', reason: `a probe guest on KVM failed: ${outcome.message}` }
  }
}

/** Whether any CPU in this /proc/cpuinfo can run guests itself (Intel vmx, AMD svm). */
export function hasVirtualization(cpuinfo: string): boolean {
  return /^flags\s*:.*\b(?:vmx|svm)\b/m.test(cpuinfo)
}

function decided(kind: AccelKind, reason: string): AccelDecision {
  return { kind: 'decided', choice: { kind, reason } }
}
