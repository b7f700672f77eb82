import * as z from 'zod'
import { LoaderName } from './values/loader-name.ts'
import { Mac } from './values/mac.ts'
import { STYLE_NAMES } from './values/style-name.ts'

/** What is set for one machine that does not boot as the others do. */
export const BootMachine = z.strictObject({
  mac: Mac.describe('Ethernet address of the machine'),
  loader: LoaderName.optional().describe(
    'Loader it gets, where that fits its firmware; for cards that the usual one does not drive',
  ),
  style: z
    .enum(STYLE_NAMES)
    .optional()
    .describe('Reply style it gets in place of those that are tried in turn'),
  localBoot: z
    .enum(['exit', 'sanboot'])
    .optional()
    .describe(
      'exit: the firmware goes on to its next boot device. sanboot: the loader starts the first disk',
    ),
})
export type BootMachine = z.output<typeof BootMachine>
