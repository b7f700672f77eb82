import { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Count, Log } from '../../protocol/log.ts'
import type { Store, StoreEntry } from '../store/store.ts'
import { collection } from '../store/typed.ts'
import { Lease, type Within } from './lease.ts'
import { IP_PREFIX, LEASE_PREFIX, planLeaseWrite } from './lease-keys.ts'
import { createLeaseTable, type LeaseTable } from './lease-table.ts'

/** Whether a lease is on disk; `conflict` when another writer was faster, `failed` when the store could not. */
export type Committed = 'committed' | 'conflict' | 'failed'

/** The leases of one server: the table in memory and the store it never runs ahead of. */
export type LeaseStore = {
  readonly table: LeaseTable
  /**
   * Makes the lease of a subnet durable, then visible in the table. Never throws; the lease counts only when
   * 'committed'.
   */
  commit(lease: Lease, within: Within): Promise<Committed>
}

/** Reads all leases and keeps them; rejects with GW_STORE when the store cannot be read. */
export async function openLeaseStore(store: Store, log: Log, count: Count): Promise<LeaseStore> {
  const leases = collection(store, IP_PREFIX, Lease)
  const readable = (entry: StoreEntry): Lease | undefined => {
    if (!entry.key.startsWith(IP_PREFIX)) return undefined
    const record = leases.read(entry)
    if (record.kind === 'found' && record.id === record.value.ip) return record.value
    count('dhcp', 'lease record unreadable')
    log.error({ key: entry.key }, 'lease record unreadable, its address stays out of service')
    return quarantine(entry.key.slice(IP_PREFIX.length))
  }
  const entries = await store.list(LEASE_PREFIX)
  const versions = new Map(entries.map(entry => [entry.key, entry.version]))
  await dropRecordsByMachine(store, entries)
  const table = createLeaseTable(entries.flatMap(entry => readable(entry) ?? []))

  /** Takes over what somebody else wrote, so that the client's next try is decided on the truth. */
  const refresh = async (keys: readonly string[]) => {
    for (const key of keys) {
      const entry = await store.get(key)
      versions.set(key, entry?.version ?? 0)
      const ip = Ipv4.safeParse(key.startsWith(IP_PREFIX) ? key.slice(IP_PREFIX.length) : '')
      const lease = entry === undefined ? undefined : readable(entry)
      if (lease !== undefined) table.record(lease)
      else if (ip.success) table.forget(ip.data)
    }
  }

  const commit = async (lease: Lease, within: Within): Promise<Committed> => {
    const plan = planLeaseWrite(lease, within, table, key => versions.get(key) ?? 0)
    const outcome = await store.transact(plan.conditions, plan.writes)
    if (outcome.kind === 'conflict') {
      log.warn({ ip: lease.ip, mac: lease.mac, keys: outcome.keys }, 'lease changed by another writer')
      await refresh(plan.conditions.map(condition => condition.key))
      return 'conflict'
    }
    for (const write of plan.writes)
      if (write.kind === 'put') versions.set(write.key, (versions.get(write.key) ?? 0) + 1)
      else versions.delete(write.key)
    table.record(lease, within)
    return 'committed'
  }

  return {
    table,
    commit: (lease, within) =>
      commit(lease, within).catch(error => {
        log.error({ ip: lease.ip, mac: lease.mac, error: String(error) }, 'lease could not be stored')
        return 'failed' as const
      }),
  }
}

/** Earlier versions kept `lease/mac/MAC` beside each lease, for one lease per machine in all subnets together. */
async function dropRecordsByMachine(store: Store, entries: readonly StoreEntry[]): Promise<void> {
  const old = entries.filter(({ key }) => key.startsWith(`${LEASE_PREFIX}mac/`))
  if (old.length === 0) return
  await store.transact(
    [],
    old.map(({ key }) => ({ kind: 'delete', key })),
  )
}

/** Keeps the address of a record we cannot read out of service for good: somebody may be using it. */
function quarantine(address: string): Lease | undefined {
  const ip = Ipv4.safeParse(address)
  if (!ip.success) return undefined
  const nobody = '00:00:00:00:00:00' as Mac
  return {
    ip: ip.data,
    mac: nobody,
    state: 'declined',
    stage: 'os',
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    seenAtMs: 0,
  }
}
