import { readFile, readlink } from 'node:fs/promises'
import path from 'node:path'

/**
 * Where distributions keep what the machine trusts, in one file: Debian, Fedora and RHEL, openSUSE, Alpine.
 * Node's `--use-system-ca` reads a whole folder of them, and of the container that the installer runs in.
 */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/var/lib/ca-certificates/ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]*-----END CERTIFICATE-----/g

/**
 * The certificates, as PEM, of the authorities that the node trusts whose root is at `root`. None where it
 * has no such file.
 */
export async function nodeAuthorities(root: string): Promise<readonly string[]> {
  for (const file of BUNDLES) {
    const found = (await bundleAt(root, file)).match(CERTIFICATE)
    if (found !== null) return found
  }
  return []
}

async function bundleAt(root: string, file: string): Promise<string> {
  try {
    return await readFile(await followed(root, file), 'latin1')
  } catch {
    // Another distribution's place.
    return ''
  }
}

const MOST_LINKS = 8

/** A link of the node leads from the node's root on, which is not ours. */
async function followed(root: string, file: string): Promise<string> {
  let at = file
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const target = await readlink(path.join(root, at)).catch(() => null)
    if (target === null) break
    at = path.posix.resolve(path.posix.dirname(at), target)
  }
  return path.join(root, at)
}
