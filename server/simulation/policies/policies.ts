import type { CreatePolicy, Policy } from '../policy.ts'
import type { Scenario } from '../scenario.ts'
import { binPack } from './bin-pack.ts'
import { random, roundRobin } from './blind.ts'
import { ePvmHints } from './e-pvm.ts'
import { ePvmLearned } from './e-pvm-learned.ts'
import { withFreeMigration } from './free-migration.ts'
import { godwit, godwitHints, oracle } from './godwit.ts'
import { icecream } from './icecream.ts'
import { leastLoaded, powerOfFourMemory, powerOfTwo } from './load.ts'
import { openMosixAll, openMosixSingle } from './openmosix.ts'

/** Every policy by its name on the command line, in the order of the tables. */
const POLICIES = {
  godwit,
  oracle,
  'free-migration': withFreeMigration(godwit),
  'godwit-hints': godwitHints,
  'e-pvm-learned': ePvmLearned,
  random,
  'round-robin': roundRobin,
  'least-loaded': leastLoaded,
  'power-of-two': powerOfTwo,
  'power-of-four-memory': powerOfFourMemory,
  'e-pvm-hints': ePvmHints,
  'bin-pack': binPack,
  icecream,
  'openmosix-single': openMosixSingle,
  'openmosix-all': openMosixAll,
} as const satisfies Record<string, CreatePolicy>

/** The name of a policy. */
export type PolicyName = keyof typeof POLICIES

/** All names, in the order of the tables. */
export const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyName[]

/** Those of other people, which know of a job only what its command line says. */
export const PUBLISHED: readonly PolicyName[] = [
  'random',
  'round-robin',
  'least-loaded',
  'power-of-two',
  'power-of-four-memory',
  'e-pvm-hints',
  'bin-pack',
  'icecream',
  'openmosix-single',
  'openmosix-all',
]

/** Whether there is a policy of that name. */
export function isPolicyName(name: string): name is PolicyName {
  return name in POLICIES
}

/** Makes the policy of that name for one simulation. */
export function createPolicy(name: PolicyName, scenario: Scenario, seed: number): Policy {
  return POLICIES[name](scenario, seed)
}
