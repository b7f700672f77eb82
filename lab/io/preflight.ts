import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { execa } from 'execa'
import type { LabConfig, LabFirmware } from '../../config/lab.ts'
import { LabFailure } from '../failure.ts'
import { firmwareFiles } from '../firmware.ts'
import { QEMU } from '../machine.ts'
import { unshareArgv } from '../namespace.ts'
import { errorCode } from './record-file.ts'

const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  [QEMU, 'qemu-system-x86'],
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
]

/**
 * Checks that this host and this user can have the lab, before anything is started. Throws a LabFailure with
 * the cause and the next step: a program or firmware is missing, no namespace, no tap devices.
 */
export async function checkHost(config: LabConfig, userNamespace: boolean): Promise<void> {
  for (const [program, debianPackage] of PROGRAMS) await checkProgram(program, debianPackage)
  if (config.uefi > 0) await checkFirmware('uefi')
  if (config.uefi32 > 0) await checkFirmware('uefi32')
  if (config.uefiHttp > 0) await checkFirmware('uefi-http')
  if (config.dhcp === 'beside') await checkProgram('dnsmasq', 'dnsmasq-base')
  await checkNamespace(userNamespace)
  await checkTun()
}

async function checkProgram(program: string, debianPackage: string): Promise<void> {
  const result = await execa(program, ['--version'], { reject: false, stdin: 'ignore' })
  // `ip` knows no --version (it says -V); only a program that could not be started at all is missing.
  if (result.code !== 'ENOENT') return
  throw new LabFailure(
    'program-missing',
    `The program ${program} is not installed`,
    `Install it: apt install ${debianPackage}`,
  )
}

async function checkFirmware(firmware: LabFirmware): Promise<void> {
  const files = firmwareFiles(firmware)
  for (const path of files === undefined ? [] : [files.code, files.vars]) {
    await access(path, constants.R_OK).catch(() => {
      throw new LabFailure(
        'firmware-missing',
        `The UEFI firmware ${path} is missing`,
        `Install it with apt install ${files?.debianPackage}, or start the lab without such machines`,
      )
    })
  }
}

// Bringing lo up needs CAP_NET_ADMIN in the new namespace. Some kernels hand an ordinary user the namespace but
// no capability in it (Ubuntu's apparmor_restrict_unprivileged_userns), so making it is not proof enough.
async function checkNamespace(userNamespace: boolean): Promise<void> {
  const [program = '', ...args] = [...unshareArgv(userNamespace), 'ip', 'link', 'set', 'lo', 'up']
  const result = await execa(program, args, { reject: false, stdin: 'ignore' })
  if (result.exitCode === 0) return
  throw new LabFailure(
    'namespace-denied',
    `This system refuses a private network namespace (${result.stderr.trim() || 'no reason given'})`,
    userNamespace
      ? 'Run the lab as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 ' +
          'kernel.apparmor_restrict_unprivileged_userns=0'
      : 'Run the lab outside this container, or give the container CAP_SYS_ADMIN',
  )
}

async function checkTun(): Promise<void> {
  await access('/dev/net/tun', constants.R_OK | constants.W_OK).catch((error: unknown) => {
    const missing = errorCode(error) === 'ENOENT'
    throw new LabFailure(
      'tun-denied',
      missing ? 'There is no /dev/net/tun' : 'This user may not open /dev/net/tun',
      missing
        ? 'Load the module: modprobe tun'
        : 'Run the lab as root, or once: sudo chmod 0666 /dev/net/tun',
    )
  })
}
