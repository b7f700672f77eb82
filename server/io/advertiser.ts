import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Log } from '../../protocol/log.ts'

/** What the advertiser needs: radvd's configuration for one interface and a folder for its files. */
export type AdvertiserOptions = {
  readonly interface: string
  readonly config: string
  readonly stateDir: string
  readonly log: Log
}

/**
 * Runs radvd, which tells the LAN that there is no IPv6 router. Never rejects: without radvd machines boot all the
 * same, only 16 s later, and the log says so. It dies with us, also by kill -9 (`setpriv --pdeathsig`).
 */
export async function startAdvertiser(options: AdvertiserOptions): Promise<{ close(): Promise<void> }> {
  const { log, stateDir } = options
  const configPath = join(stateDir, `radvd-${options.interface}.conf`)
  await writeFile(configPath, options.config, { mode: 0o644 })
  const radvd = [
    'radvd',
    '--nodaemon',
    '--logmethod=stderr',
    '--config',
    configPath,
    '--pidfile',
    join(stateDir, `radvd-${options.interface}.pid`),
  ]
  const child = execa('setpriv', ['--pdeathsig', 'TERM', '--', ...radvd], {
    reject: false,
    stdin: 'ignore',
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    maxBuffer: 10_000,
  })
  let isClosing = false
  void child.then(result => {
    if (isClosing || result.signal === 'SIGTERM') return
    const reason = result.stderr.trim().split('\n').at(-1) ?? result.shortMessage
    log.warn(
      { reason },
      'no router advertisements (package "radvd"): each iPXE will wait 16 s for an IPv6 router',
    )
  })
  return {
    close: async () => {
      isClosing = true
      child.kill('SIGTERM')
      await child
    },
  }
}
