import type { Claim } from './request.ts'

/** One person as the user database has them; `groups` are all they belong to, their first one included. */
export type User = { readonly name: string } & Claim

/** The users of one machine by their numbers. */
export type UserDatabase = ReadonlyMap<number, User>

/** Whether somebody may be who they say. */
export type Standing = { readonly kind: 'fits' } | { readonly kind: 'refused'; readonly reason: string }

/** People begin here (login.defs(5): UID_MIN, GID_MIN); what is below belongs to the system. */
const FIRST_PERSON = 1000
/** `nobody` (NFS and containers use it for whom they do not know). */
const NOBODY = 65_534

/** Reads passwd(5) and group(5); lines that are none are left out. */
export function readUsers(passwd: string, group: string): UserDatabase {
  const memberships = new Map<string, number[]>()
  for (const [, , gid, members] of fieldsOf(group, 4))
    for (const name of (members ?? '').split(',').filter(Boolean))
      memberships.set(name, [...(memberships.get(name) ?? []), Number(gid)])
  const users = fieldsOf(passwd, 7).map(([name = '', , uid, gid]): User => {
    const first = Number(gid)
    return {
      name,
      uid: Number(uid),
      gid: first,
      groups: [...new Set([first, ...(memberships.get(name) ?? [])])],
    }
  })
  // As with NSS, the first of two entries for one number counts.
  return new Map(users.reverse().map(user => [user.uid, user]))
}

/** Who gets a door: root, and people; nobody else runs programs of their own. */
export function peopleOf(users: UserDatabase): readonly number[] {
  const isPerson = (uid: number) => uid === 0 || (uid >= FIRST_PERSON && uid !== NOBODY)
  return [...users.keys()].filter(isPerson).sort((a, b) => a - b)
}

/**
 * Whether `claim` is what the door's own user `doorUid` may ask for: root anything, everybody else only to be
 * themselves, in groups of theirs. The kernel has proved `doorUid`; the claim is the deputy's word.
 */
export function checkAtDoor(claim: Claim, doorUid: number, users: UserDatabase): Standing {
  if (doorUid === 0) return FITS
  if (claim.uid !== doorUid) return refused(`user ${doorUid} asked to be user ${claim.uid}`)
  const user = users.get(doorUid)
  return user === undefined ? refused(`no user ${doorUid} here`) : checkGroups(claim, user.groups)
}

/** As whom a node runs what somebody asks: of their further groups only `groups`, `undefined` for all. */
export type NodeStanding =
  | { readonly kind: 'fits'; readonly groups: readonly number[] | undefined }
  | Extract<Standing, { kind: 'refused' }>

/**
 * Whether a node takes `claim`, which the home's door has found right. The first group must be theirs here, too. Of
 * the further ones those of the home's system (sudo, audio) say nothing here and are left behind: a person whom the
 * node knows keeps the groups that they have there, one it does not know those of people.
 */
export function checkOnNode(claim: Claim, users: UserDatabase): NodeStanding {
  const { uid, gid, groups } = claim
  if (uid === 0) return { kind: 'fits', groups: undefined }
  const user = users.get(uid)
  if (user === undefined && gid < FIRST_PERSON)
    return refused(`user ${uid} is not known here, and asks for group ${gid}`)
  if (user !== undefined && !user.groups.includes(gid)) return refused(`user ${uid} is not in group ${gid}`)
  const isTheirs = (group: number) => user?.groups.includes(group) ?? group >= FIRST_PERSON
  return { kind: 'fits', groups: groups.filter(isTheirs) }
}

function checkGroups({ uid, gid, groups }: Claim, own: readonly number[]): Standing {
  const foreign = [gid, ...groups].find(group => !own.includes(group))
  return foreign === undefined ? FITS : refused(`user ${uid} is not in group ${foreign}`)
}

const FITS: Standing = { kind: 'fits' }

function refused(reason: string): Extract<Standing, { kind: 'refused' }> {
  return { kind: 'refused', reason }
}

function fieldsOf(text: string, least: number): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter(line => !line.startsWith('#'))
    .map(line => line.split(':'))
    .filter(fields => fields.length >= least && /^\d+$/.test(fields[2] ?? ''))
}
