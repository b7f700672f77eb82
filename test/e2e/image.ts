import { CACHE_DIR, DEFAULT_RECIPE, IMAGE_DIR } from '../../cli/paths.ts'
import { buildImage } from '../../images/build.ts'
import { silentLog } from '../fakes/silent-log.ts'

/** Builds the image that machines of this clone boot, or finds that it is there: each test can be run alone. */
export function buildDefaultImage(): ReturnType<typeof buildImage> {
  return buildImage({
    recipePath: DEFAULT_RECIPE,
    imageDir: IMAGE_DIR,
    cacheDir: CACHE_DIR,
    channel: 'stable',
    log: silentLog,
  })
}
