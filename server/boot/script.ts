import type { Ipv4 } from '../../config/values/ipv4.ts'

/** Tries before a machine gives the network up and goes on to its next boot device. */
const MAX_TRIES = 20
/** Seconds between tries: with 20 of them, a switch port in spanning tree's learning state (50 s) is waited out. */
const RETRY_SECONDS = 3

/**
 * The first script every iPXE gets, the same for all: it says who it is and chains the script made for it. Free text
 * is sent as `:hexraw` because `:uristring` of Debian 12's build leaves `&` alone; every command has its `||`,
 * because a failing one ends an iPXE script.
 */
export function firstScript(address: Ipv4, httpPort: number): string {
  return `#!ipxe
set base http://${address}:${httpPort}
set tries:int32 0
isset \${netX/mac} || goto nonet
isset \${serial} || set serial none
isset \${manufacturer} || set manufacturer none
isset \${product} || set product none
iseq \${platform} efi && set fw uefi || set fw bios
set arch \${buildarch}
iseq \${arch} i386 && cpuid --ext 29 && set arch x86_64 ||

:again
chain --autofree --replace \${base}/v1/boot.ipxe?mac=\${netX/mac:hexhyp}&ip=\${netX/ip}&fw=\${fw}&arch=\${arch}&uuid=\${uuid}&serial=\${serial:hexraw}&mfg=\${manufacturer:hexraw}&product=\${product:hexraw} || goto retry

:retry
inc tries
iseq \${tries} ${MAX_TRIES} && goto fail ||
echo godwit: attempt \${tries} of ${MAX_TRIES} failed, next in ${RETRY_SECONDS} s
sleep ${RETRY_SECONDS}
dhcp netX ||
goto again

:nonet
echo godwit: this loader found no network interface
:fail
echo godwit: giving up, going on to the next boot device
sleep 5
exit 1
`
}

/** One machine's way into the system: files by URL, and the kernel's arguments. */
export type MachineBoot = {
  readonly name: string
  readonly kernelUrl: string
  readonly initrdUrl: string
  readonly kernelArgs: readonly string[]
  /** The first script again, for another try. */
  readonly retryUrl: string
}

/**
 * The script made for one machine. `initrd=` names the file for EFI builds before 2021, which hand it over through
 * the EFI file protocol only; a BIOS ignores it.
 */
export function machineScript(boot: MachineBoot): string {
  return `#!ipxe
echo godwit: booting ${boot.name}
imgfree
kernel ${boot.kernelUrl} initrd=initrd.img ${boot.kernelArgs.join(' ')} || goto fail
initrd --name initrd.img ${boot.initrdUrl} || goto fail
boot || goto fail
:fail
echo godwit: the kernel did not load, trying again in 10 s
sleep 10
chain --replace ${boot.retryUrl} || exit 1
`
}

/** A script that shows `message` and leaves the network boot after a minute: for machines we cannot boot. */
export function stopScript(message: string): string {
  const line = message.replace(/[^\x20-\x7e]|[$&|]/g, ' ')
  return `#!ipxe
echo godwit: ${line}
sleep 60
exit 1
`
}
