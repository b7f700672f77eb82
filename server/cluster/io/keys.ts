import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GodwitError } from '../../../protocol/errors.ts'

/** Private keys are for the server's own user; certificates are public. */
const KEY_MODE = 0o600
const CERT_MODE = 0o644
const SECRET_BYTES = 32

/** The text of `path`, or `undefined` when there is no such file. Throws GW_STORE for anything else. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (isNotFound(cause)) return undefined
    throw new GodwitError('GW_STORE', `cannot read ${path}: ${messageOf(cause)}`, { cause })
  }
}

/** The P-256 private key in `path`, made and kept there at the first call. Throws GW_STORE. */
export async function keepKey(path: string): Promise<KeyObject> {
  const text = await readText(path)
  if (text !== undefined) return parseKey(path, text)
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await writeText(path, key.export({ type: 'pkcs8', format: 'pem' }).toString(), KEY_MODE)
  return key
}

/** The 32 secret octets in `path`, there in hex, made and kept at the first call. Throws GW_STORE. */
export async function keepSecret(
  path: string,
  random: (sizeBytes: number) => Uint8Array,
): Promise<Uint8Array> {
  const text = await readText(path)
  if (text !== undefined) return parseSecret(path, text.trim())
  const secret = Buffer.from(random(SECRET_BYTES))
  await writeText(path, `${secret.toString('hex')}\n`, KEY_MODE)
  return secret
}

function parseSecret(path: string, hex: string): Uint8Array {
  if (!/^[0-9a-f]+$/.test(hex) || hex.length !== 2 * SECRET_BYTES)
    throw new GodwitError('GW_STORE', `${path} does not hold ${SECRET_BYTES} octets in hex`)
  return Buffer.from(hex, 'hex')
}

/** Writes a certificate so that after a crash either the old or the new one is there. Throws GW_STORE. */
export async function writeCertificate(path: string, certPem: string): Promise<void> {
  await writeText(path, certPem, CERT_MODE)
}

async function writeText(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(temporary, mode) // the umask of whoever started us must not widen or narrow it
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw new GodwitError('GW_STORE', `cannot write ${path}: ${messageOf(cause)}`, { cause })
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(join(path, '.'), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function parseKey(path: string, text: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch (cause) {
    throw new GodwitError('GW_STORE', `${path} holds no private key: ${messageOf(cause)}`, { cause })
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new GodwitError('GW_STORE', `${path} holds a key of ${key.asymmetricKeyType}, not of P-256`)
  return key
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
