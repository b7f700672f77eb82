/** The exit status QEMU ends with when the probe guest got through: isa-debug-exit makes (value << 1) | 1. */
export const PROBE_EXIT_STATUS = (0x2a << 1) | 1

/**
 * The guest: 16-bit code at 0x7c00 that builds three page tables, enters 64-bit mode and only there writes 0x2a
 * to port 0xf4. A KVM that cannot do more than real mode (seen: a guest kernel hangs right after "Probing EDD")
 * never gets to that write. Each row is one step of the code.
 */
const CODE: readonly string[] = [
  'fa 31c0 8ed8 8ec0 8ed0 fc', //                cli; xor ax,ax; mov ds,es,ss,ax; cld
  '66bf00100000 0f22df', //                      mov edi,0x1000; mov cr3,edi
  '66b9000c0000 6631c0 f366ab', //               mov ecx,0xc00; xor eax,eax; rep stosd (clears three tables)
  '66c706001003200000', //                       mov dword [0x1000],0x2003   PML4[0]
  '66c706002003300000', //                       mov dword [0x2000],0x3003   PDPT[0]
  '66c706003083000000', //                       mov dword [0x3000],0x83     PD[0], one 2 MiB page
  '0f20e0 6683c820 0f22e0', //                   cr4 |= PAE
  '66b9800000c0 0f32 660d00010000 0f30', //      EFER |= LME
  '0f0116887c', //                               lgdt [0x7c88]
  '0f20c0 660d01000080 0f22c0', //               cr0 |= PG | PE
  'ea6a7c0800', //                               jmp 0x08:0x7c6a
  '66baf400 b02a ee f4 ebfd 00000000', //        64-bit: mov dx,0xf4; mov al,0x2a; out dx,al; hlt; jmp hlt
  '0000000000000000 00000000009a2000', //        GDT at 0x7c78: null, 64-bit code
  '0f00 787c0000', //                            its length less one and its address, at 0x7c88
]

const SECTOR_BYTES = 512

/** The probe guest as a boot sector: code, zeros, and the 55 aa that SeaBIOS looks for. */
export function probeSector(): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES)
  const hex = CODE.join('').replaceAll(' ', '')
  sector.set(Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16)))
  sector.set([0x55, 0xaa], SECTOR_BYTES - 2)
  return sector
}

/** Arguments for QEMU (without the program) that boot the sector in `imagePath` on KVM and nothing else. */
export function probeArgs(imagePath: string): readonly string[] {
  return [
    ...['-accel', 'kvm', '-machine', 'pc', '-m', '16M', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
    ...['-drive', `file=${imagePath},format=raw,if=ide,snapshot=on`],
  ]
}
