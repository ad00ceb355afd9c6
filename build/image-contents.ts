import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { rootCertificates } from 'node:tls'
import { ADDON_NAME } from '../crash/our-pattern.ts'
import { ROOT } from './bundle.ts'
import { SCRIPT_NAMES } from './handler-scripts.ts'
import { type ImageEntry, type Layer, packLayer } from './image-layer.ts'
import { librariesOf } from './libraries.ts'
import { ownArchitecture } from './node-binary.ts'
import { ADDON_LICENSE } from './placed-addon.ts'

const PASSWD = `root:x:0:0:root:/:/sbin/nologin
nonroot:x:65532:65532:nonroot:/:/sbin/nologin
`

/** Packages of Debian that `system` takes files of. Elsewhere licenses have other places. */
const PACKAGES = ['coreutils', 'libc6', 'libgcc-s1', 'libstdc++6']

/**
 * What is in the image: what `npm run build` made, and what that needs of this machine. What changes least
 * comes first, because a new version fetches only the layers that it changed.
 */
export async function packLayers(): Promise<Layer[]> {
  const handler = await readFile(path.join(ROOT, 'dist/coredog-handler'))
  return await Promise.all([
    packLayer('system', await system(handler)),
    packLayer('licenses', await licenses()),
    packLayer('handler', [
      program('/app/coredog-handler', handler),
      // Manifests of up to 0.1.0 start `node /app/coredog-installer.js`: executable/mode.ts.
      { path: '/usr/local/bin/node', link: '/app/coredog-handler', mode: 0o777 },
      ...(await addon()),
    ]),
  ])
}

async function system(handler: Buffer): Promise<ImageEntry[]> {
  // With chroot(8) the installer tries the handler in the root of the host: Node has no chroot(2).
  const chroot = await readFile(existsSync('/usr/sbin/chroot') ? '/usr/sbin/chroot' : '/usr/bin/chroot')
  const libraries = await librariesOf([handler, chroot])
  return [
    program('/usr/sbin/chroot', chroot),
    ...[...libraries].map(([file, content]) => program(file, content)),
    document('/etc/passwd', PASSWD),
    document('/etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
    document('/etc/nsswitch.conf', 'hosts: files dns\n'),
    // Node's own list, which is Mozilla's: whom this machine trusts besides is its own affair.
    document('/etc/ssl/certs/ca-certificates.crt', `${rootCertificates.join('\n')}\n`),
    { path: '/tmp', mode: 0o1777 },
    ...(await copyrights()),
  ]
}

/** Where the machine could make it. */
async function addon(): Promise<ImageEntry[]> {
  const file = path.join(ROOT, 'dist', ADDON_NAME)
  return existsSync(file) ? [program(`/app/${ADDON_NAME}`, await readFile(file))] : []
}

async function copyrights(): Promise<ImageEntry[]> {
  const files = PACKAGES.map(name => `/usr/share/doc/${name}/copyright`).filter(file => existsSync(file))
  return await Promise.all(files.map(async file => document(file, await readFile(file))))
}

async function licenses(): Promise<ImageEntry[]> {
  const node = `node_modules/node-linux-${ownArchitecture()}`
  return [
    await copy('LICENSE', '/app/LICENSE'),
    await copy('NOTICE', '/app/NOTICE'),
    await copy(`${node}/LICENSE`, '/app/LICENSE.node'),
    ...(await legal(LEGAL)),
  ]
}

const LEGAL = [...SCRIPT_NAMES.map(name => `handler/${name}.cjs.LEGAL.txt`), `handler/${ADDON_LICENSE}`]

/** esbuild collects the licenses of what it bundles, and writes no file where there is none. */
async function legal(names: readonly string[]): Promise<ImageEntry[]> {
  const written = names.filter(name => existsSync(path.join(ROOT, 'dist', name)))
  return await Promise.all(written.map(name => copy(`dist/${name}`, `/app/${name}`)))
}

async function copy(file: string, to: string): Promise<ImageEntry> {
  return document(to, await readFile(path.join(ROOT, file)))
}

function program(to: string, content: Buffer): ImageEntry {
  return { path: to, content, mode: 0o755 }
}

function document(to: string, content: Buffer | string): ImageEntry {
  return { path: to, content, mode: 0o644 }
}
