import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { Program } from '../net/program.ts'
import type { Rig } from '../net/rig.ts'
import type { Figures } from '../stats.ts'

/** One line of dhcpload (test/bench/dhcp/dhcpload.c says what each is). */
const Phase = z.object({
  seconds: z.number(),
  dora: z.number(),
  doraPerSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
  noOffer: z.number(),
  noAck: z.number(),
  unanswered: z.number(),
  naks: z.number(),
  doubleAddresses: z.number(),
  movedAddresses: z.number(),
  strayReplies: z.number(),
  notBegun: z.number(),
  clientCpuSeconds: z.number(),
})

/** A crowd of PXE clients behind a relay; see dhcpload.c for the phases. */
export type Crowd = {
  /** Does one phase, e.g. `closed 8 3`; resolves with its figures. */
  phase(line: string): Promise<z.output<typeof Phase>>
  end(): Promise<void>
}

const CAPTURES = new URL('../../fixtures/dhcp/captures.json', import.meta.url)

/** Starts the compiled dhcpload; its clients send what OVMF's PXE was recorded to send. */
export async function startCrowd(
  rig: Pick<Rig, 'client' | 'clientAddress' | 'serverAddress'>,
  dhcpload: string,
  clients: number,
): Promise<Crowd> {
  const captures = JSON.parse(await readFile(CAPTURES, 'utf8')) as Record<string, { hex: string }>
  const hex = (name: string) => captures[name]?.hex ?? ''
  const program: Program = rig.client([
    ...[dhcpload, '--own', rig.clientAddress, '--server', rig.serverAddress, '--clients', `${clients}`],
    ...['--discover', hex('dhcp_ovmf_pxe_discover'), '--request', hex('dhcp_ovmf_pxe_request')],
  ])
  return {
    phase: async line => Phase.parse(JSON.parse(await program.ask(line))),
    end: () => program.end(),
  }
}

/** The figures that are published: rate and times, and everything that went wrong. */
export function figuresOf(phase: z.output<typeof Phase>, serverCpuSeconds: number): Figures {
  const { seconds, clientCpuSeconds, ...figures } = phase
  const per1000 = (cpuSeconds: number) => (phase.dora === 0 ? 0 : (cpuSeconds * 1e6) / phase.dora)
  return {
    ...figures,
    serverCpuMsPer1000Dora: per1000(serverCpuSeconds),
    clientCpuMsPer1000Dora: per1000(clientCpuSeconds),
  }
}
