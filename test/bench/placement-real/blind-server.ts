/** `godwit serve` with a policy that looks at nothing: `blind-server.ts CONFIG.yaml POLICY SEED`, started by the lab. */
import { loadServerConfig } from '../../../cli/load-config.ts'
import { VERSION } from '../../../protocol/version.ts'
import { startServer } from '../../../server/main.ts'
import { placerByScore } from '../../../server/place-process.ts'
import { blindPlacer, dealerOf } from './blind-placer.ts'

const [config = '', policy = '', seed = ''] = process.argv.slice(2)
if (policy !== 'round-robin' && policy !== 'random') throw new Error(`there is no blind policy "${policy}"`)
const deal = dealerOf(policy, Number(seed))
const server = await startServer(await loadServerConfig({ config, flags: {} }), VERSION, (...args) =>
  blindPlacer(placerByScore(...args), deal),
)
await new Promise<void>(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
})
await server.close()
