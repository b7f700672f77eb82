/**
 * The peer in the place of `godwit serve`, started by the lab inside its namespace: dnsmasq and nginx serve the
 * boot; our own server, without DHCP, TFTP and boot files, is where the agent joins. Arguments: the lab's folder,
 * a folder for the peer's files, the image folder, the machine's MAC, and `ra` for router advertisements.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { mergeLayers } from '../../../config/merge.ts'
import { SERVER_NODE_OPTIONS } from '../../../config/node-options.ts'
import type { ConfigLayer } from '../../../config/presets.ts'
import { Mac } from '../../../config/values/mac.ts'
import { labPaths } from '../../../lab/paths.ts'
import { dnsmasqArgv, joinServerLayer, nginxArgv, nginxConfig } from './peer-config.ts'

const GODWIT = fileURLToPath(new URL('../../../cli/godwit.js', import.meta.url))

/** Writes the three configurations; resolves with the three commands. */
async function prepare(args: readonly string[]): Promise<readonly (readonly string[])[]> {
  const [labDir = '', folder = '', imageDir = '', mac = '', ra = ''] = args
  const files = { folder, imageDir }
  await mkdir(folder, { recursive: true })
  const nginxConfigPath = `${folder}/nginx.conf`
  await writeFile(nginxConfigPath, nginxConfig(files))
  const ownConfigPath = `${folder}/join-server.yaml`
  const lab = parse(await readFile(labPaths(labDir, labDir).serverConfig, 'utf8')) as ConfigLayer
  await writeFile(ownConfigPath, stringify(mergeLayers(lab, joinServerLayer(ra === 'ra'))))
  return [
    dnsmasqArgv(files, Mac.parse(mac)),
    nginxArgv(files, nginxConfigPath),
    [process.execPath, ...SERVER_NODE_OPTIONS, GODWIT, 'serve', '--config', ownConfigPath],
  ]
}

function start(argv: readonly string[]): ChildProcess {
  const [program = '', ...args] = argv
  // Debian keeps dnsmasq and nginx in /usr/sbin, which an ordinary user's PATH lacks.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
  return spawn(program, args, { stdio: 'inherit', env })
}

/** How a program ended, for the log. */
async function endOf(child: ChildProcess): Promise<string> {
  const [status, signal] = await once(child, 'exit').catch(error => [String(error)])
  return `${child.spawnargs[0]} ended: ${signal ?? status}`
}

/** All three run until one ends or the lab says stop; then the others are ended too. */
async function serve(args: readonly string[]): Promise<number> {
  const asked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const children = (await prepare(args)).map(start)
  const ends = children.map(endOf)
  const early = await Promise.race([asked.then(() => undefined), ...ends])
  if (early !== undefined) process.stderr.write(`${early}\n`)
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(ends)
  return early === undefined ? 0 : 1
}

process.exit(await serve(process.argv.slice(2)))
