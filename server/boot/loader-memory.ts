import * as z from 'zod'
import { LoaderName } from '../../config/values/loader-name.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { Store } from '../store/store.ts'
import { collection } from '../store/typed.ts'

const LearntLoader = z.object({ loader: LoaderName, learntAtMs: z.number() })

/** The loader of each machine whose usual one did not call back while this one did. */
export type LoaderMemory = {
  recall(mac: Mac): LoaderName | undefined
  /** Known at once, written in the background; a write that fails is logged. */
  remember(mac: Mac, loader: LoaderName): void
}

/** Machines remembered; beyond it nothing more is learnt until the server starts again. */
const MAX_RECORDS = 4096

/** Reads what earlier boots taught, from `boot/loader/MAC`. Rejects with GW_STORE. */
export async function openLoaderMemory(store: Store, log: Log, now: Now): Promise<LoaderMemory> {
  const records = collection(store, 'boot/loader/', LearntLoader)
  const { found } = await records.list()
  const loaders = new Map(found.map(({ id, value }) => [id, value.loader]))
  return {
    recall: mac => loaders.get(mac),
    remember: (mac, loader) => {
      if (loaders.get(mac) === loader || loaders.size >= MAX_RECORDS) return
      loaders.set(mac, loader)
      log.info({ mac, loader }, `${mac} boots by ${loader} from now on, the usual loader did not start there`)
      records
        .put(mac, { loader, learntAtMs: now() }, 'any')
        .catch(error => log.warn({ error: String(error) }, 'what a machine taught could not be stored'))
    },
  }
}
