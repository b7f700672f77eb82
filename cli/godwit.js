#!/usr/bin/env node
// Runs the current TypeScript source: in a clone there is nothing to build.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./main.ts')
await main(process.argv)
