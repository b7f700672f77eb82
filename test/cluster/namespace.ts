import { execFileSync, spawnSync } from 'node:child_process'

/** A network namespace with one network in it: whoever runs there reaches everybody else without a wire. */
export type OneNetwork = {
  /** Comes before a command that is to run in it. */
  readonly prefix: readonly string[]
  readonly device: string
  readonly server: string
  readonly prefixLength: number
  /** Address of machine `number`, from 0 on. */
  machine(number: number): string
  /** Ends every program in it, and takes it away. */
  remove(): void
}

const NETWORK = '10.97.0'
const FIRST_MACHINE = 11

/** Makes one with room for `machines`; `name` has at most five characters, and the process id is added. */
export function createOneNetwork(name: string, machines: number): OneNetwork {
  const space = `${name}${process.pid}`
  const device = `${name}0`
  const ip = (...args: readonly string[]) => execFileSync('ip', args)
  const server = `${NETWORK}.1`
  const machine = (number: number) => `${NETWORK}.${FIRST_MACHINE + number}`
  ip('netns', 'add', space)
  // Both ends of the cable are in here: what goes from address to address does not even touch it.
  ip('-n', space, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `${name}1`)
  for (const link of ['lo', device, `${name}1`]) ip('-n', space, 'link', 'set', link, 'up')
  const addresses = [server, ...Array.from({ length: machines }, (_, number) => machine(number))]
  for (const address of addresses) ip('-n', space, 'addr', 'add', `${address}/24`, 'dev', device)
  return {
    // Not `ip netns exec`: its own /sys has no control groups.
    prefix: ['nsenter', `--net=/run/netns/${space}`],
    device,
    server,
    prefixLength: 24,
    machine,
    remove() {
      const { stdout } = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' })
      spawnSync('kill', ['-9', ...stdout.split(/\s+/).filter(pid => pid !== '')])
      spawnSync('ip', ['netns', 'del', space])
    },
  }
}
