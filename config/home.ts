import * as z from 'zod'

/** A folder as both the kernel's command line and the NFS servers' files can carry it: no blanks, quotes or dots. */
const SharedFolder = z
  .string()
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[\w.+-]+)+$/,
    'an absolute path of letters, digits, "_", "-", "+" and ".", without ".."',
  )

/** Home folders that all nodes see. Off by default: NFS with sec=sys believes every machine on the network. */
export const Home = z.strictObject({
  mode: z
    .enum(['off', 'auto', 'kernel', 'ganesha'])
    .default('off')
    .describe(
      "off: nodes have no shared folder. auto: this host's own NFS server where it runs one, nfs-ganesha in user space where not. kernel, ganesha: that one only",
    ),
  folder: SharedFolder.default('/home').describe('Folder of this host that all nodes see, by NFSv4.2'),
  at: SharedFolder.optional().describe('Where the nodes see it; without it, under the same name as here'),
})
export type Home = z.output<typeof Home>
