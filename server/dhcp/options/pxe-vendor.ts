/**
 * Value of option 43 that makes PXE firmware boot from the offer at once: PXE_DISCOVERY_CONTROL (6) with bit 3,
 * END (PXE 2.1 §2.2). Without it UEFI goes on to ask port 4011.
 */
export const PXE_BYPASS: Uint8Array = Uint8Array.of(6, 1, 8, 0xff)
