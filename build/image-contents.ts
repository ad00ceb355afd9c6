import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { rootCertificates } from 'node:tls'
import { ADDON_NAME } from '../crash/our-pattern.ts'
import { orIfMissing } from '../crash/system-error.ts'
import { builtFiles } from './built-files.ts'
import { ROOT } from './bundle.ts'
import type { FileSource } from './file-source.ts'
import { SCRIPT_NAMES } from './handler-scripts.ts'
import { type ImageEntry, type Layer, packLayer } from './image-layer.ts'
import { librariesOf } from './libraries.ts'
import type { Architecture } from './node-binary.ts'
import { officialNode } from './official-node.ts'
import { ADDON_LICENSE } from './placed-addon.ts'

const PASSWD = `root:x:0:0:root:/:/sbin/nologin
nonroot:x:65532:65532:nonroot:/:/sbin/nologin
`

/** Packages of Debian that `system` takes files of. Elsewhere licenses have other places. */
const PACKAGES = ['coreutils', 'libc6', 'libgcc-s1', 'libstdc++6']

// Debian has it in sbin, the Red Hat family in bin.
const CHROOTS = ['/usr/sbin/chroot', '/usr/bin/chroot']

/**
 * What is in the image: what `npm run build` made, and what that needs of `source`. What changes least comes first,
 * because a new version fetches only the layers that it changed.
 */
export async function packLayers(architecture: Architecture, source: FileSource): Promise<Layer[]> {
  const { handler, addon } = builtFiles(architecture)
  const executable = await readFile(handler)
  return await Promise.all([
    packLayer('system', await system(executable, source)),
    packLayer('licenses', await licenses(architecture)),
    packLayer('handler', [
      program('/app/coredog-handler', executable),
      // Manifests of up to 0.1.0 start `node /app/coredog-installer.js`: executable/mode.ts.
      { path: '/usr/local/bin/node', link: '/app/coredog-handler', mode: 0o777 },
      // Where it could be made.
      ...(await ifThere(addon, content => program(`/app/${ADDON_NAME}`, content))),
    ]),
  ])
}

async function system(handler: Buffer, source: FileSource): Promise<ImageEntry[]> {
  // With chroot(8) the installer tries the handler in the root of the host: Node has no chroot(2).
  const [chroot] = (await Promise.all(CHROOTS.map(file => source.read(file)))).filter(found => found !== null)
  if (chroot === undefined) throw new Error(`Cannot find any of ${CHROOTS.join(', ')}`)
  const libraries = await librariesOf([handler, chroot], source)
  return [
    program('/usr/sbin/chroot', chroot),
    ...[...libraries].map(([file, content]) => program(file, content)),
    document('/etc/passwd', PASSWD),
    document('/etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
    document('/etc/nsswitch.conf', 'hosts: files dns\n'),
    // Node's own list, which is Mozilla's: whom this machine trusts besides is its own affair.
    document('/etc/ssl/certs/ca-certificates.crt', `${rootCertificates.join('\n')}\n`),
    { path: '/tmp', mode: 0o1777 },
    ...(await copyrights(source)),
  ]
}

async function copyrights(source: FileSource): Promise<ImageEntry[]> {
  const files = PACKAGES.map(name => `/usr/share/doc/${name}/copyright`)
  const found = await Promise.all(files.map(async file => [file, await source.read(file)] as const))
  return found.flatMap(([file, content]) => (content === null ? [] : [document(file, content)]))
}

async function licenses(architecture: Architecture): Promise<ImageEntry[]> {
  const { scripts } = builtFiles(architecture)
  const legal = LEGAL.map(name =>
    ifThere(path.join(scripts, name), content => document(`/app/handler/${name}`, content)),
  )
  return [
    document('/app/LICENSE', await readFile(path.join(ROOT, 'LICENSE'))),
    document('/app/NOTICE', await readFile(path.join(ROOT, 'NOTICE'))),
    document('/app/LICENSE.node', await readFile(path.join(await officialNode(architecture), 'LICENSE'))),
    ...(await Promise.all(legal)).flat(),
  ]
}

/** esbuild collects the licenses of what it bundles, and writes no file where there is none. */
const LEGAL = [...SCRIPT_NAMES.map(name => `${name}.cjs.LEGAL.txt`), ADDON_LICENSE]

async function ifThere(file: string, entry: (content: Buffer) => ImageEntry): Promise<ImageEntry[]> {
  const content = await readFile(file).catch(orIfMissing(null))
  return content === null ? [] : [entry(content)]
}

function program(to: string, content: Buffer): ImageEntry {
  return { path: to, content, mode: 0o755 }
}

function document(to: string, content: Buffer | string): ImageEntry {
  return { path: to, content, mode: 0o644 }
}
