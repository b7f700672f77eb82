import { GodwitError } from '../../protocol/errors.ts'
import type { Store } from '../../server/store/store.ts'

/** A store whose disk is gone: every read and write rejects with GW_STORE, a watch hears nothing, it can be closed. */
export function createFailingStore(cause: unknown = new Error('disk I/O error')): Store {
  const fail = async (): Promise<never> => {
    throw new GodwitError('GW_STORE', 'the store could not be read or written', { cause })
  }
  return { get: fail, list: fail, transact: fail, watch: () => {}, close: async () => {} }
}
