/** Where the nodes of a lab see its home folder. */
export const LAB_HOME = '/home'

/** The ordinary user of every lab. */
export const LAB_USER = { name: 'lab', uid: 2000, gid: 2000 } as const

/** The lab's users, as passwd(5). */
export function labPasswd(): string {
  const { name, uid, gid } = LAB_USER
  return `${name}:x:${uid}:${gid}:Lab user:${LAB_HOME}/${name}:/bin/bash\n`
}

/** Their groups, as group(5). */
export function labGroup(): string {
  return `${LAB_USER.name}:x:${LAB_USER.gid}:\n`
}
