import { type LocalBoot, leaveLines } from './local-boot.ts'

/** Longest text of ours on a screen of 80 columns by 25 lines, with air. */
const MESSAGE_MAX_CHARS = 300

/** One machine's way into the system: files by URL, and the kernel's arguments. */
export type MachineBoot = {
  readonly name: string
  readonly kernelUrl: string
  readonly initrdUrl: string
  readonly kernelArgs: readonly string[]
  /** The first script again, for another try. */
  readonly retryUrl: string
  /** Told of each step that failed; `&step=` and `&errno=` are added. */
  readonly errorUrl: string
  readonly localBoot?: LocalBoot | undefined
}

/**
 * The iPXE script made for one machine. `initrd=` names the file for EFI builds before 2021, which hand it over through
 * the EFI file protocol only; a BIOS ignores it. What failed is told to the server, with iPXE's own error number.
 */
export function machineScript(boot: MachineBoot): string {
  return `#!ipxe
echo godwit: booting ${boot.name}
imgfree
set step kernel
kernel ${boot.kernelUrl} initrd=initrd.img ${boot.kernelArgs.join(' ')} || goto fail
set step initrd
initrd --name initrd.img ${boot.initrdUrl} || goto fail
set step boot
boot || goto fail
:fail
imgfetch --name report ${boot.errorUrl}&step=\${step}&errno=\${errno:hexraw} ||
imgfree report ||
echo godwit: the step "\${step}" failed, trying again in 10 s
sleep 10
chain --replace ${boot.retryUrl} ||
${leaveLines(boot.localBoot)}
`
}

/** A script that shows `message` and leaves the network boot after a minute: for machines we cannot boot. */
export function stopScript(message: string, localBoot?: LocalBoot): string {
  const text = screenText(message).replace(/[$&|]/g, ' ') // iPXE would read something into these
  return `#!ipxe
echo godwit: ${text}
echo godwit: going on to the next boot device in a minute
sleep 60
${leaveLines(localBoot)}
`
}

/** `message` as one line of printable characters that fits a screen. */
export function screenText(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, ' ').slice(0, MESSAGE_MAX_CHARS)
}
