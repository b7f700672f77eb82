/** A layer of raw configuration, as a file would hold it; values are checked after all layers are merged. */
export type ConfigLayer = Readonly<Record<string, unknown>>

/**
 * Whole settings under one name (`--preset`), between the defaults and the file. A preset only says what differs
 * from the defaults.
 */
export const PRESETS: Readonly<Record<string, ConfigLayer>> = {
  /** A home LAN in which godwit is the only DHCP server and machines come and go. */
  home: {},
  /** A class room or office: nobody joins unseen, addresses stay for a working day. */
  office: { cluster: { approval: 'manual' }, dhcp: { leaseSeconds: 36_000 } },
  /** Virtual machines on a private bridge: everything is slow (emulation) and chatty on the serial line. */
  lab: { boot: { kernelArgs: ['console=tty0', 'console=ttyS0'] }, cluster: { lostAfterSeconds: 30 } },
}
