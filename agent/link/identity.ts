import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The node's key pair and, once joined, its certificate; all PEM. */
export type Identity = {
  readonly keyPem: string
  readonly publicKeyPem: string
  readonly certificatePem: string | undefined
}

/**
 * The identity kept in `dir` (RAM of this boot), made when there is none: EC P-256, which a slow CPU signs quickly.
 * A certificate that does not fit the key is left out.
 */
export async function loadIdentity(dir: string): Promise<Identity> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const keyPem = (await read(join(dir, 'node.key'))) ?? (await makeKey(dir))
  const publicKeyPem = createPublicKey(keyPem).export({ type: 'spki', format: 'pem' }).toString()
  const certificatePem = await read(join(dir, 'node.pem'))
  const fits = certificatePem !== undefined && certifies(certificatePem, keyPem)
  return { keyPem, publicKeyPem, certificatePem: fits ? certificatePem : undefined }
}

/** Keeps the certificate of a join in `dir`, so that a restarted agent of the same boot needs no token. */
export async function saveCertificate(dir: string, certificatePem: string): Promise<void> {
  await writeWhole(join(dir, 'node.pem'), certificatePem)
}

/** How long a certificate is still good by this node's clock; negative when it has ended. */
export function lifeLeftMs(certificatePem: string): number {
  return Date.parse(new X509Certificate(certificatePem).validTo) - Date.now()
}

async function makeKey(dir: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await writeWhole(join(dir, 'node.key'), keyPem)
  return keyPem
}

function certifies(certificatePem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))
  } catch {
    return false
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
