import { readFileSync } from 'node:fs'
import { readRecorded } from './tftp/source.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url)

/** Recorded datagrams of real clients: DHCP requests by name, TFTP requests. */
export type Recorded = {
  readonly dhcp: ReadonlyMap<string, Uint8Array>
  readonly tftp: readonly Uint8Array[]
}

/** Reads them from test/fixtures. */
export function readFixtures(): Recorded {
  const captures = JSON.parse(readFileSync(new URL('dhcp/captures.json', FIXTURES), 'utf8')) as Record<
    string,
    { hex: string }
  >
  const named = (prefix: string) =>
    Object.entries(captures)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { hex }]) => [name, new Uint8Array(Buffer.from(hex, 'hex'))] as const)
  const rrqs = readRecorded(readFileSync(new URL('tftp/rrq-clients.txt', FIXTURES), 'latin1'))
  return { dhcp: new Map(named('dhcp_')), tftp: [...rrqs, ...named('tftp_').map(([, bytes]) => bytes)] }
}
