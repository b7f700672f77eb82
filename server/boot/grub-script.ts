import type { Ipv4 } from '../../config/values/ipv4.ts'
import { MAX_TRIES } from './first-script.ts'
import { type MachineBoot, screenText } from './script.ts'

const RETRY_SECONDS = 3

/**
 * The first script of GRUB, which boots 32-bit UEFI: the same as iPXE's in GRUB's words. It is built into our
 * `grub-ia32.efi` and served as `grub.cfg` to any other GRUB. GRUB has no arithmetic, hence the list of tries.
 */
export function grubFirstScript(address: Ipv4, httpPort: number): string {
  const tries = Array.from({ length: MAX_TRIES }, (_, index) => index + 1).join(' ')
  return `set base=(http,${address}:${httpPort})
if cpuid -l; then set arch=x86_64; else set arch=i386; fi
for try in ${tries}; do
  if [ -z "$net_default_mac" ]; then net_bootp; fi
  echo "godwit: asking ${address}:${httpPort} what to boot"
  source "$base/v1/grub.cfg?mac=$net_default_mac&ip=$net_default_ip&fw=uefi&arch=$arch"
  echo "godwit: no answer yet (try $try of ${MAX_TRIES}), next in ${RETRY_SECONDS} s"
  sleep ${RETRY_SECONDS}
  net_bootp
done
echo "godwit: ${address}:${httpPort} gave no script in ${MAX_TRIES} tries"
echo "godwit: going on to the next boot device"
sleep 5
exit 1
`
}

/** The GRUB script made for one machine; see `machineScript`. Single quotes keep GRUB from reading the arguments. */
export function grubMachineScript(boot: MachineBoot): string {
  const args = boot.kernelArgs.map(quoted).join(' ')
  return `echo "godwit: booting ${boot.name}"
set step=kernel
if linux '${grubPath(boot.kernelUrl)}' ${args}; then
  set step=initrd
  if initrd '${grubPath(boot.initrdUrl)}'; then
    set step=boot
    boot
  fi
fi
cat "${grubPath(boot.errorUrl)}&step=$step"
echo "godwit: the step $step failed"
`
}

/** A script that shows `message` and leaves GRUB after a minute. */
export function grubStopScript(message: string): string {
  return `echo ${quoted(`godwit: ${screenText(message)}`)}
echo 'godwit: going on to the next boot device in a minute'
sleep 60
exit 1
`
}

/** A URL of ours in GRUB's notation: `http://10.0.0.1:7080/x` is `(http,10.0.0.1:7080)/x`. */
function grubPath(url: string): string {
  return url.replace(/^http:\/\/([^/]+)/, '(http,$1)')
}

/** Between single quotes GRUB reads nothing into any character but the quote itself. */
function quoted(argument: string): string {
  return `'${argument.replaceAll("'", '')}'`
}
