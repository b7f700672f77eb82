import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this clone (or installation). */
export const PROJECT_DIR = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
/** Where a clone keeps what it builds: images, caches, the lab. Not in git. */
export const WORK_DIR = join(PROJECT_DIR, '.godwit')
/** Images built in this clone; lab and server in a clone share them. */
export const IMAGE_DIR = join(WORK_DIR, 'images')
/** Downloaded and half-made things of the image builder; safe to delete. */
export const CACHE_DIR = join(WORK_DIR, 'cache')
/** The two small programs at the ends of a run, as native/build made them. */
export const NATIVE_DIR = join(WORK_DIR, 'native')
/** The lab's folder. */
export const LAB_DIR = join(WORK_DIR, 'lab')
/** The recipe used without `--recipe`. */
export const DEFAULT_RECIPE = join(PROJECT_DIR, 'images', 'recipes', 'default.yaml')
/** State folder of an installed server. */
export const STATE_DIR = '/var/lib/godwit'
/** Configuration file that is read when it is there. */
export const CONFIG_FILE = '/etc/godwit/config.yaml'
/** Admin socket of an installed server. */
export const ADMIN_SOCKET = join(STATE_DIR, 'admin.sock')
