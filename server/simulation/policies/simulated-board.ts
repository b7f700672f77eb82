import type { Knowledge } from '../../learning/knowledge.ts'
import { Board } from '../../placement/board.ts'
import type { Host } from '../host.ts'
import { nodeId, RULES, snapshotOf } from './production.ts'

/** What of a host its slot on the board was made from. */
type Shown = {
  readonly changes: number
  readonly speed: number
  readonly reportedAtS: number
  readonly isSettled: boolean
}

/** The board the server would keep of the simulated hosts: each is put again when a run or a report changed it. */
export class SimulatedBoard {
  readonly board: Board
  readonly #shown: Shown[] = []

  constructor(knowledge: Knowledge) {
    this.board = new Board(RULES, knowledge)
  }

  /** Brings the board up to what is known at `nowS`. */
  update(hosts: readonly Host[], nowS: number): Board {
    hosts.forEach((host, at) => {
      const shown = this.#shown[at]
      const speed = this.board.knowledge.speedOf(nodeId(at), host.machine.speed, nowS * 1000)
      const reportedAtS = host.lastReportS(nowS)
      const isNews = shown === undefined || (!shown.isSettled && shown.reportedAtS !== reportedAtS)
      if (!isNews && shown.changes === host.changes && shown.speed === speed) return
      const node = snapshotOf(host, at, nowS, speed)
      this.board.put(node)
      // From the first report after a change on, all reports say the same until the next, but for promises that decay.
      const isSettled =
        reportedAtS > host.changedS &&
        node.reservations.every(({ memoryBytes, usedBytes }) => memoryBytes <= (usedBytes ?? 0))
      this.#shown[at] = { changes: host.changes, speed, reportedAtS, isSettled }
    })
    return this.board
  }
}
