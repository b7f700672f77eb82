import * as z from 'zod'

/** Most users, and most groups, that nodes are told. */
export const PEOPLE_MAX = 2000
/** Longest the message about them may be, characters of JSON; half of what a link message may be. */
export const PEOPLE_MAX_CHARS = 1 << 19

/** What a line of passwd(5) can hold in a field: no colon, no control character. */
const Field = (maxChars: number) =>
  z
    .string()
    .max(maxChars)
    .regex(/^[^:\p{Cc}]*$/u, 'has a colon or a control character')

/** As adduser(8) and useradd(8) take them; `$` ends the names of Samba's machines. */
const Name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/, 'not a name of a user or group')

/** The least number an ordinary account may have on any system; a node takes none below it from anybody. */
const Id = z
  .number()
  .int()
  .min(500)
  .max(2 ** 31 - 1)

/** An account without its secrets. */
const Person = z.object({
  name: Name,
  uid: Id,
  gid: Id,
  /** Full name and so on, the GECOS field. */
  comment: Field(100),
  home: Field(160).startsWith('/'),
  shell: Field(80),
})
export type Person = z.output<typeof Person>

const Group = z.object({ name: Name, gid: Id, members: z.array(Name).max(PEOPLE_MAX) })
export type Group = z.output<typeof Group>

/** The ordinary users of the server and their groups. */
export const People = z.object({
  users: z.array(Person).max(PEOPLE_MAX),
  groups: z.array(Group).max(PEOPLE_MAX),
})
export type People = z.output<typeof People>
