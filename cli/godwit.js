#!/usr/bin/env -S node --max-semi-space-size=32 --
// Runs the current TypeScript source: in a clone there is nothing to build. The `--` above keeps Node 20 from taking
// `godwit run --env-file` for its own option of that name, which it looks for behind the script's name, too. What is
// before it is for `godwit serve`: config/node-options.ts.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./main.ts')
await main(process.argv)
