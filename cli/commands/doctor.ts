import type { Command } from 'commander'
import type { ServerConfig } from '../../config/server.ts'
import { ServerStatus } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { openAdmin } from '../admin-socket.ts'
import { judgeCounters } from '../doctor/counters.ts'
import { exitStatusOf, type Finding, ok, skipped, summaryOf, warn } from '../doctor/finding.ts'
import { judgeWaiting } from '../doctor/host-state.ts'
import { judgeRoles } from '../doctor/roles.ts'
import type { DoctorLink, World } from '../doctor/world.ts'
import { loadServerConfig } from '../load-config.ts'
import { printJson, renderTable, say } from '../output.ts'
import { IMAGE_DIR } from '../paths.ts'

type DoctorFlags = { config?: string; preset?: string; images?: string; json?: boolean }

/** `godwit doctor`: looks for what keeps machines from booting, with clients that somebody else wrote. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'look for what keeps machines from booting: ports, firewall, other DHCP servers, loaders, image',
    )
    .option('-c, --config <file>', 'configuration file (default: /etc/godwit/config.yaml when it is there)')
    .option('--preset <name>', 'settings under one name: home, office, lab')
    .option('--images <dir>', 'folder with the built images (default: where `godwit image build` puts them)')
    .option('--json', 'one JSON object: findings and how many of each')
    .addHelpText(
      'after',
      '\nExit status: 0 when nothing failed (warnings do not count), 1 when something did.\n\nExamples:\n  sudo godwit doctor\n  sudo godwit doctor --config ./godwit.yaml --json\n  npx godwit lab exec -- npx godwit doctor',
    )
    .action(async (flags: DoctorFlags) => {
      const world = await lookAround(program, flags)
      const findings = await examine(world.world, world.server, line => say(line))
      if (flags.json) printJson({ findings, summary: summaryOf(findings), ok: exitStatusOf(findings) === 0 })
      else process.stdout.write(`${findingsTable(findings)}\n`)
      process.exitCode = exitStatusOf(findings)
    })
}

async function lookAround(program: Command, flags: DoctorFlags): Promise<{ world: World; server: Finding }> {
  const config = await loadServerConfig({ ...flags, flags: {} })
  const { status, finding } = await askServer(program)
  const imageDir = flags.images ?? config.imageDir ?? IMAGE_DIR
  const links = status === undefined ? await plannedLinks(config) : servedLinks(status)
  return { world: { config, imageDir, status, links }, server: finding }
}

async function askServer(program: Command): Promise<{ status?: ServerStatus; finding: Finding }> {
  try {
    const status = await (await openAdmin(program)).get('/v1/status', ServerStatus)
    const since = new Date(status.startedAt).toISOString()
    return { status, finding: ok('server', `${status.version}, process ${status.pid}, since ${since}`) }
  } catch (error) {
    if (!(error instanceof GodwitError)) throw error
    const remedy = error.code === 'GW_NOT_PERMITTED' ? 'run godwit doctor as root' : 'start one: godwit serve'
    return { finding: skipped('server', error.message, remedy) }
  }
}

/** Where a server with this configuration would serve; none when that is not clear, which is a finding of its own. */
async function plannedLinks(config: ServerConfig): Promise<readonly DoctorLink[]> {
  const { readAddresses } = await import('../../server/links/io/addresses.ts')
  const { planLinks } = await import('../../server/links/plan.ts')
  const { wantedLinks } = await import('../../server/links/wanted.ts')
  const present = await readAddresses()
  const choice = wantedLinks(config.network, present)
  if (choice.kind === 'unclear') return []
  return planLinks(choice.links, present, []).open.map(({ at }) => ({
    interface: at.interface,
    address: at.cidr.address,
    mode: undefined,
  }))
}

/** What the server is there now, not what it was configured to look for. */
function servedLinks(status: ServerStatus): readonly DoctorLink[] {
  return status.links.flatMap(({ interface: name, address, dhcp }) =>
    address === null ? [] : [{ interface: name, address, mode: dhcp?.role ?? 'off' }],
  )
}

async function examine(
  world: World,
  server: Finding,
  tell: (line: string) => void,
): Promise<readonly Finding[]> {
  const { examineHost, examinePorts } = await import('../doctor/io/examine-host.ts')
  const { examineImage } = await import('../doctor/io/examine-image.ts')
  const { examineLink } = await import('../doctor/io/examine-network.ts')
  const findings: Finding[] = [server]
  tell('looking at this host …')
  findings.push(...(await examinePorts(world)), ...(await examineHost(world)))
  findings.push(...judgeWaiting(world.status?.links ?? []), ...judgeRoles(world.status?.links ?? []))
  if (world.links.length === 0)
    findings.push(
      warn('interface', 'which interface faces the machines is not clear', 'name it: network.interface'),
    )
  tell('checking the image …')
  findings.push(...(await examineImage(world)))
  for (const link of world.links) {
    tell(`asking the LAN on ${link.interface} as a machine does (4 s) …`)
    findings.push(...(await examineLink(world, link)))
  }
  if (world.status !== undefined) findings.push(...judgeCounters(world.status.counters))
  return findings
}

/** The findings as a table, what to do below each that needs it, and the sum. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ check, status, detail, remedy }) => [
    [status.toUpperCase(), check, detail],
    ...(remedy === null || status === 'ok' ? [] : [['', '', `-> ${remedy}`]]),
  ])
  return `${renderTable(['STATUS', 'CHECK', 'WHAT WAS SEEN'], rows)}\n\n${summaryOf(findings)}`
}
