import { build } from 'esbuild'

/**
 * The agent as one CommonJS file for the image's Node.js: a single read at start, no module resolution. Identifiers
 * stay as they are, for stack traces. ws's optional native helpers are cut out: they would be looked for at every
 * start.
 */
export async function bundleAgent(entry: string): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'none',
    define: {
      'process.env.WS_NO_BUFFER_UTIL': '"1"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
    },
    logLevel: 'silent',
  })
  const [file] = result.outputFiles
  if (!file) throw new Error(`esbuild made nothing of ${entry}`)
  return file.contents
}
