import { describe, expect, it } from 'vitest'
import { ChangeLog } from '../../../server/store/change-log.ts'

const deleted = (key: string, revision: number) => ({ kind: 'delete' as const, key, revision })
const added = (log: ChangeLog, revision: number) => log.add([deleted(`k${revision}`, revision)], revision)

describe('a log of changes', () => {
  it('tells those after a revision, in order', () => {
    const log = new ChangeLog(10, 5)
    for (const revision of [6, 7, 8]) added(log, revision)
    expect(log.after(6)).toEqual([deleted('k7', 7), deleted('k8', 8)])
    expect(log).toMatchObject({ revision: 8, compactedRevision: 5 })
  })

  it('keeps no more than it was told to', () => {
    const log = new ChangeLog(10, 0)
    for (let revision = 1; revision <= 1000; revision += 1) added(log, revision)
    expect(log.compactedRevision).toBe(990)
    expect(log.after(990)).toHaveLength(10)
    expect(log.after(0).length).toBeLessThanOrEqual(20)
  })

  it('forgets what was taken back', () => {
    const log = new ChangeLog(10, 0)
    for (const revision of [1, 2, 3]) added(log, revision)
    log.takeBack(1)
    expect(log.after(0)).toEqual([deleted('k1', 1)])
    expect(log.revision).toBe(1)
  })

  it('claims nothing that it had forgotten before', () => {
    const log = new ChangeLog(10, 0)
    for (let revision = 1; revision <= 21; revision += 1) added(log, revision)
    log.takeBack(15)
    expect(log.compactedRevision).toBe(11)
    expect(log.after(11)).toHaveLength(4)
  })
})
