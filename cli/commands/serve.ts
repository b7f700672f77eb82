import { type Command, Option } from 'commander'
import type { ConfigLayer } from '../../config/presets.ts'
import { VERSION } from '../../protocol/version.ts'
import { loadServerConfig } from '../load-config.ts'
import { IMAGE_DIR } from '../paths.ts'

type ServeFlags = {
  config?: string
  preset?: string
  state?: string
  images?: string
  interface?: readonly string[]
  dhcp?: string
  logLevel?: string
}

/** `godwit serve`: the provisioning server, in the foreground. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('answer DHCP, TFTP and HTTP, and keep the cluster; runs until ^C')
    .option('-c, --config <file>', 'configuration file (default: /etc/godwit/config.yaml when it is there)')
    .option('--preset <name>', 'settings under one name: home, office, lab')
    .option('--state <dir>', 'database, keys, certificates (default: /var/lib/godwit)')
    .option('--images <dir>', 'folder with the built images (default: where `godwit image build` puts them)')
    .option(
      '-i, --interface <name>',
      'a network interface that faces machines; several: give it several times',
      (name: string, names: readonly string[] = []) => [...names, name],
    )
    .addOption(
      new Option(
        '--dhcp <mode>',
        'auto: look for another DHCP server first; or authoritative, proxy, off',
      ).choices(['auto', 'authoritative', 'proxy', 'off']),
    )
    .option('--log-level <level>', 'debug, info, warn or error')
    .addHelpText(
      'after',
      '\nExamples:\n  sudo godwit serve --interface eth1\n  sudo godwit serve --interface eth1 --interface eth2\n  sudo godwit serve --config ./godwit.yaml --log-level debug',
    )
    .action(async (flags: ServeFlags) => {
      const config = await loadServerConfig({ ...flags, flags: flagLayer(flags) })
      const { startServer } = await import('../../server/main.ts')
      const server = await startServer({ ...config, imageDir: config.imageDir ?? IMAGE_DIR }, VERSION)
      await new Promise<void>(resolve => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
      })
      await server.close()
    })
}

function flagLayer(flags: ServeFlags): ConfigLayer {
  return {
    ...(flags.state === undefined ? {} : { stateDir: flags.state }),
    ...(flags.images === undefined ? {} : { imageDir: flags.images }),
    ...(flags.interface === undefined ? {} : { network: networkLayer(flags.interface) }),
    ...(flags.dhcp === undefined ? {} : { dhcp: { mode: flags.dhcp } }),
    ...(flags.logLevel === undefined ? {} : { log: { level: flags.logLevel } }),
  }
}

/** The interfaces named here are all there are: a list in the file does not come on top. */
function networkLayer(names: readonly string[]): ConfigLayer {
  const [only, ...others] = names
  if (others.length === 0) return { interface: only, interfaces: [] }
  return {
    interface: undefined,
    address: undefined,
    interfaces: [...new Set(names)].map(name => ({ interface: name })),
  }
}
