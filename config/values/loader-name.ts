import * as z from 'zod'

/**
 * The loaders a machine can be given, by the name each has on TFTP and HTTP. Names are short and flat: ROMs of 1999
 * cut them at 64 octets. `undionly` and `snponly` use the firmware's own network driver, `ipxe` brings its own.
 */
export const LoaderName = z.enum([
  'undionly.kpxe',
  'undionly.kkpxe',
  'ipxe.pxe',
  'snponly.efi',
  'ipxe.efi',
  'grub-ia32.efi',
  'ipxe-arm64.efi',
])
export type LoaderName = z.output<typeof LoaderName>
