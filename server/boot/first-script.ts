import type { Ipv4 } from '../../config/values/ipv4.ts'
import { leaveLines } from './local-boot.ts'

/** Tries before a machine gives the network up and goes on to its next boot device. */
export const MAX_TRIES = 20
/** Seconds between tries: with 20 of them, a switch port in spanning tree's learning state (50 s) is waited out. */
const RETRY_SECONDS = 3

/**
 * The first script every iPXE gets, the same for all: it says who it is and chains the script made for it. It asks on
 * the card it was loaded by, and after each failure on the next card that gets an address, all in turn: a machine with
 * several cards boots by whichever reaches us. Free text is sent as `:hexraw` because `:uristring` of Debian 12's build
 * leaves `&` alone; every command has its `||`, because a failing one ends an iPXE script.
 */
export function firstScript(address: Ipv4, httpPort: number): string {
  return `#!ipxe
set base http://${address}:${httpPort}
set tries:int32 0
set nic:int32 0
isset \${serial} || set serial none
isset \${manufacturer} || set manufacturer none
isset \${product} || set product none
iseq \${platform} efi && set fw uefi || set fw bios
set arch \${buildarch}
iseq \${arch} i386 && cpuid --ext 29 && set arch x86_64 ||
set card netX
isset \${netX/ip} && goto ask ||
goto card

:ask
set from mac=\${\${card}/mac:hexhyp}
echo godwit: asking \${base} what to boot
chain --autofree --replace \${base}/v1/boot.ipxe?\${from}&ip=\${\${card}/ip}&fw=\${fw}&arch=\${arch}&uuid=\${uuid}&serial=\${serial:hexraw}&mfg=\${manufacturer:hexraw}&product=\${product:hexraw} || set errno_seen \${errno:hexraw}

:retry
inc tries
iseq \${tries} ${MAX_TRIES} && goto fail ||
echo godwit: no answer yet (try \${tries} of ${MAX_TRIES}), next in ${RETRY_SECONDS} s
sleep ${RETRY_SECONDS}

:card
isset \${net\${nic}/mac} || set nic:int32 0
isset \${net\${nic}/mac} || goto nonet
set card net\${nic}
inc nic
echo godwit: asking for an address on \${card} (\${\${card}/mac})
dhcp \${card} && goto ask ||
echo godwit: none on \${card}: is its cable in, and the switch port forwarding?
ifclose \${card} ||
goto retry

:nonet
echo godwit: this loader has no driver for the network card of this machine
goto leave
:fail
imgfetch --name report \${base}/v1/boot-error?\${from}&step=script&errno=\${errno_seen} ||
imgfree report ||
echo godwit: \${base} gave no script in ${MAX_TRIES} tries
:leave
echo godwit: going on to the next boot device
sleep 5
${leaveLines(undefined)}
`
}
