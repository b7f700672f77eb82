import { Home } from '../config/home.ts'
import type { AccelKind } from './accel.ts'
import { LAB_ADDRESS, LAB_BRIDGE, LAB_POOL } from './network.ts'
import { labPaths } from './paths.ts'
import { LAB_HOME } from './people.ts'
import type { LabPlan } from './record.ts'

/**
 * An emulated processor that waits for its turn loses timer ticks; a kernel that looks for them just then stops with
 * "IO-APIC + timer doesn't work". It need not look: under QEMU the timer works.
 */
const EMULATION_ARGS: Readonly<Record<AccelKind, readonly string[]>> = { kvm: [], tcg: ['no_timer_check'] }

/** The configuration file of the lab's server, as the object that its YAML says; `config/server.ts` reads it. */
export function labServerConfig(plan: LabPlan) {
  return {
    stateDir: plan.stateDir,
    imageDir: plan.imageDir,
    adminSocket: labPaths(plan.labDir, plan.runDir, plan.stateDir).adminSocket,
    network: {
      interface: LAB_BRIDGE,
      address: `${LAB_ADDRESS.address}/${LAB_ADDRESS.prefixLength}`,
    },
    dhcp: plan.config.dhcp === 'beside' ? { mode: 'auto' } : { mode: 'authoritative', pool: LAB_POOL },
    ...shared(plan),
    boot: { kernelArgs: [...plan.config.kernelArgs, ...EMULATION_ARGS[plan.accel.kind]] },
    log: { level: plan.config.logLevel },
  }
}

/** The lab's own home folder and users, never the host's. A path that NFS servers cannot be told shares nothing. */
function shared(plan: LabPlan) {
  const { homeDir, passwd, group } = labPaths(plan.labDir, plan.runDir, plan.stateDir)
  const home = Home.safeParse({ mode: 'ganesha', folder: homeDir, at: LAB_HOME })
  return { home: home.success ? home.data : { mode: 'off' }, users: { passwd, group } }
}

/**
 * The environment of the lab's server: the caller's, without the `GODWIT_*` settings that are meant for another
 * server and would win over the lab's configuration file.
 */
export function labServerEnv(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GODWIT_')))
}
