#!/usr/bin/env -S node --
// Runs the current TypeScript source: in a clone there is nothing to build. The `--` above keeps Node 20 from taking
// `godwit run --env-file` for its own option of that name, which it looks for behind the script's name, too.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./main.ts')
await main(process.argv)
