import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { LabConfig, LabNic } from '../../config/lab.ts'
import { parseBytes } from '../../config/values/bytes.ts'
import { attachConsole } from '../../lab/io/console.ts'
import { controlLab } from '../../lab/io/control-client.ts'
import { labStatus } from '../../lab/io/read-status.ts'
import { type LabStatus, labExecArgv } from '../../lab/status.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { withSignal } from '../interrupt.ts'
import { printJson, renderTable, say } from '../output.ts'
import { IMAGE_DIR, LAB_DIR } from '../paths.ts'

type UpFlags = {
  bios: number
  uefi: number
  uefi32: number
  uefiHttp: number
  nic: LabNic
  dhcp: LabConfig['dhcp']
  mem: number
  cpus: number
  json?: boolean
}

/** `godwit lab …`: virtual machines on a private network, booted by the real server. */
export function addLab(program: Command): void {
  const lab = program
    .command('lab')
    .description('virtual machines on a private network, with the real server')
  addUp(lab)
  addMachines(lab)

  lab
    .command('down')
    .description('end the lab and whatever a crash left of it')
    .option('--json', 'the status afterwards as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { labDown } = await import('../../lab/service.ts')
      const found = await labDown({ labDir: LAB_DIR, onProgress: say })
      await tellStatus(found ? 'the lab is down' : 'there was no lab', options)
    })

  lab
    .command('status')
    .description('what runs, and where its consoles and logs are')
    .option('--json', 'one JSON object')
    .action(async (options: { json?: boolean }) => {
      const status = await labStatus({ labDir: LAB_DIR })
      if (options.json) printJson(status)
      else process.stdout.write(`${describeLab(status)}\n`)
    })

  lab
    .command('exec')
    .argument('<command...>', 'program and arguments, after --')
    .description("run a program of this host inside the lab's network")
    .passThroughOptions()
    .addHelpText('after', '\nExample:\n  godwit lab exec -- ping -c 1 10.77.0.1')
    .action(async (command: string[]) => {
      const status = await labStatus({ labDir: LAB_DIR })
      process.exitCode = await execInLab(status, command)
    })

  lab
    .command('demo')
    .description('build the image, boot one BIOS and one UEFI machine, run a JVM on them, and show it all')
    .option('--once', 'without a terminal: take the lab down at the end')
    .option('--json', 'one JSON document on standard output, progress on standard error')
    .option('--mem <mib>', 'memory of each machine in MiB', mebibytes, 1024)
    .addHelpText('after', '\nExamples:\n  npm run lab\n  npm run --silent lab -- --once --json > lab.json')
    .action(async (options: { once?: boolean; json?: boolean; mem: number }) => {
      const { runDemo } = await import('../lab/demo.ts')
      await runDemo(options)
    })
}

function addUp(lab: Command): void {
  lab
    .command('up')
    .description('start machines and a server on a private network; they go on until `lab down`')
    .option('--bios <n>', 'machines with a BIOS', wholeNumber, 1)
    .option('--uefi <n>', 'machines with UEFI', wholeNumber, 1)
    .option('--uefi32 <n>', 'machines with 32-bit UEFI', wholeNumber, 0)
    .option('--uefi-http <n>', 'machines that boot by UEFI HTTP boot', wholeNumber, 0)
    .addOption(
      new Option('--nic <kind>', 'network card of the BIOS machines')
        .choices(LabNic.options)
        .default('virtio'),
    )
    .addOption(
      new Option('--dhcp <who>', 'beside: a router leases the addresses, as on most LANs')
        .choices(LabConfig.shape.dhcp.unwrap().options)
        .default('godwit'),
    )
    .option('--mem <mib>', 'memory of each machine in MiB', mebibytes, 1024)
    .option('--cpus <n>', 'processors of each machine', wholeNumber, 2)
    .option('--json', 'the status as one JSON object')
    .addHelpText('after', '\nExamples:\n  godwit lab up --bios 1 --uefi 1 --mem 1024\n  godwit nodes --watch')
    .action(async (flags: UpFlags) => {
      const { labUp } = await import('../../lab/service.ts')
      const status = await withSignal(signal =>
        labUp({
          labDir: LAB_DIR,
          imageDir: IMAGE_DIR,
          bios: flags.bios,
          uefi: flags.uefi,
          uefi32: flags.uefi32,
          uefiHttp: flags.uefiHttp,
          nic: flags.nic,
          dhcp: flags.dhcp,
          memoryMiB: flags.mem,
          cpus: flags.cpus,
          signal,
          onProgress: say,
        }),
      )
      if (flags.json) printJson(status)
      else process.stdout.write(`${describeLab(status)}\nwatch them boot: godwit nodes --watch\n`)
    })
}

function addMachines(lab: Command): void {
  lab
    .command('console')
    .argument('<machine>', 'name, as in `godwit lab status`')
    .description('the serial console of one machine; Ctrl-] leaves')
    .action(async (name: string) => {
      const { machines } = await labStatus({ labDir: LAB_DIR })
      const machine = machines.find(candidate => candidate.name === name)
      if (machine === undefined) {
        const names =
          machines.map(candidate => candidate.name).join(', ') || 'none; start it with: godwit lab up'
        throw new GodwitError('GW_LAB', `the lab has no machine "${name}"; it has ${names}`)
      }
      const streams = { input: process.stdin, output: process.stdout }
      const end = await withSignal(signal => attachConsole(machine.consoleSocket, streams, signal))
      say(end === 'left' ? 'left the console' : `${name} went off`)
    })

  for (const [op, text] of [
    ['power-on', 'switch one machine on'],
    ['power-off', 'pull the plug of one machine'],
  ] as const) {
    lab
      .command(op)
      .argument('<machine>', 'name, as in `godwit lab status`')
      .description(text)
      .option('--json', 'the status afterwards as one JSON object')
      .action(async (name: string, options: { json?: boolean }) => {
        const done = await controlLab(await labStatus({ labDir: LAB_DIR }), { op, name })
        await tellStatus(`${op}: ${done}`, options)
      })
  }

  lab
    .command('restart-server')
    .description('kill -9 the server and start it again: nothing may be lost')
    .option('--json', 'the status afterwards as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const done = await controlLab(await labStatus({ labDir: LAB_DIR }), { op: 'restart-server' })
      await tellStatus(`restarted: ${done}`, options)
    })
}

/** One line for a person; for a script, how the lab stands now. */
async function tellStatus(line: string, options: { readonly json?: boolean }): Promise<void> {
  say(line)
  if (options.json) printJson(await labStatus({ labDir: LAB_DIR }))
}

/** The lab as text: state, accelerator, machines, and the files to look at. */
export function describeLab(status: LabStatus): string {
  if (status.state === 'down') return 'no lab is up; start one: godwit lab up'
  const rows = status.machines.map(machine => [
    machine.name,
    machine.state,
    machine.firmware,
    machine.nic,
    machine.mac,
    `${machine.memoryMiB} MiB`,
    machine.consoleLog,
  ])
  const accel = status.accel === null ? '' : ` (${status.accel.kind}: ${status.accel.reason})`
  return [
    `the lab is ${status.state}${accel}`,
    renderTable(['MACHINE', 'STATE', 'FIRMWARE', 'NIC', 'MAC', 'MEMORY', 'CONSOLE LOG'], rows),
    ...(status.serverLog === null ? [] : [`server log: ${status.serverLog}`]),
  ].join('\n')
}

/** Runs `command` in the lab's network with our own streams; its exit status, or 128 + signal. Throws LabFailure. */
async function execInLab(status: LabStatus, command: readonly string[]): Promise<number> {
  const [program = '', ...args] = labExecArgv(status, command)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

function wholeNumber(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a number from 0 to 99`)
}

function mebibytes(text: string): number {
  if (/^\d{2,6}$/.test(text)) return Number(text)
  const sizeBytes = parseBytes(text)
  if (sizeBytes !== undefined && sizeBytes >= 64 * 2 ** 20) return Math.round(sizeBytes / 2 ** 20)
  throw new InvalidArgumentError(`"${text}" is not a memory size in MiB`)
}
