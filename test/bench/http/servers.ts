import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SERVER_NODE_OPTIONS } from '../../../config/node-options.ts'
import type { Rig, ServerCommand } from '../net/rig.ts'

/** Who serves: we, and nginx. */
export const SUBJECTS = ['godwit', 'nginx'] as const
/** One of the {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number]

/** A command and the path of the file on it. */
export type HttpServer = { readonly command: ServerCommand; readonly path: string }

/** Port of every subject. */
export const HTTP_PORT = 7080
const RUNNER = new URL('./runner.ts', import.meta.url).pathname

/** The command that serves `file`; its configuration goes into the rig's folder. */
export async function httpServer(subject: Subject, rig: Rig, file: string): Promise<HttpServer> {
  if (subject === 'godwit') {
    const args = [rig.serverAddress, `${HTTP_PORT}`, file]
    const argv = [process.execPath, ...SERVER_NODE_OPTIONS, '--import', 'tsx', RUNNER, ...args]
    return { command: { argv, ready: /"serving": true/ }, path: `/images/${'0'.repeat(64)}/root.squashfs` }
  }
  const folder = join(rig.folder, 'nginx')
  await mkdir(folder, { recursive: true })
  const config = join(folder, 'nginx.conf')
  await writeFile(config, nginxConfig(folder, rig.serverAddress, dirname(file)))
  const argv = ['nginx', '-p', folder, '-e', 'stderr', '-c', config]
  return { command: { argv, ready: /start worker process \d/ }, path: `/${basename(file)}` }
}

/** The settings of Debian's nginx.conf (sendfile, tcp_nopush, a worker per CPU, an access log), and one site. */
function nginxConfig(folder: string, address: string, root: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `user root;
worker_processes auto;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log ${folder}/access.log;
  gzip on;
${temporary.map(name => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server {
    listen ${address}:${HTTP_PORT};
    root ${root};
  }
}
`
}
