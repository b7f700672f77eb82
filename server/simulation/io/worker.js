// A worker thread is not told of the loader that runs TypeScript here, so it brings its own, as cli/godwit.js does.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
