/** Who places: the server as it is, or one of two that look at nothing. */
export const POLICIES = ['godwit', 'round-robin', 'random'] as const
/** One of the {@link POLICIES}. */
export type Policy = (typeof POLICIES)[number]
/** One that looks at nothing. */
export type BlindPolicy = Exclude<Policy, 'godwit'>

/** Whether there is a policy of that name. */
export function isPolicy(name: string): name is Policy {
  return POLICIES.some(policy => policy === name)
}
