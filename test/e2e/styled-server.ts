import { readFileSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { main } from '../../cli/main.ts'
import type { ConfigLayer } from '../../config/presets.ts'

/**
 * `godwit serve` with a reply style fixed for some machines: `styled-server.ts CONFIG.yaml STYLE_BY_MAC_JSON`, in the
 * place of the lab's server.
 */
const [path = '', styles = '{}'] = process.argv.slice(2)
const config = parse(readFileSync(path, 'utf8')) as { readonly boot: ConfigLayer }
const machines = Object.entries(JSON.parse(styles) as Record<string, string>).map(([mac, style]) => ({
  mac,
  style,
}))
const styled = path.replace(/\.yaml$/, '.styled.yaml')
writeFileSync(styled, stringify({ ...config, boot: { ...config.boot, machines } }))
await main([process.execPath, 'godwit', 'serve', '--config', styled])
