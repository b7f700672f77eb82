import * as z from 'zod'

const Id = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1)

/** Whose accounts the nodes know: the server's people, never its system accounts. */
export const Users = z
  .strictObject({
    passwd: z.string().min(1).default('/etc/passwd').describe('Where the users stand, as in passwd(5)'),
    group: z.string().min(1).default('/etc/group').describe('Where their groups stand, as in group(5)'),
    first: Id.min(500).default(1000).describe('Least user and group number that nodes are told'),
    last: Id.default(59_999).describe('Greatest user and group number that nodes are told'),
  })
  .refine(({ first, last }) => first <= last, 'users.first is greater than users.last')
export type Users = z.output<typeof Users>
