import type { Log } from '../../protocol/log.ts'

/** A log for tests that look elsewhere. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
