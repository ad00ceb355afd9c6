import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from './bundle.ts'
import { packLayers } from './image-contents.ts'
import type { ImageName } from './image-name.ts'
import { ownArchitecture } from './node-binary.ts'
import type { Image } from './oci-archive.ts'

/** How containers start. The installer is root only because its manifest says so. */
export const SETTINGS = {
  Env: ['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Entrypoint: ['/app/coredog-handler'],
  WorkingDir: '/',
  User: '65532:65532',
}

/** The image of CoreDog, of what `npm run build` left in dist/. */
export async function makeImage(name: ImageName): Promise<Image> {
  return {
    name,
    architecture: ownArchitecture(),
    layers: await packLayers(),
    settings: {
      ...SETTINGS,
      Labels: labelsOf(JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'))),
    },
  }
}

function labelsOf({ description, license, version }: Record<string, string>): Record<string, string> {
  const labels = { title: 'CoreDog', description, licenses: license, version }
  return Object.fromEntries(
    Object.entries(labels).map(([name, value = '']) => [`org.opencontainers.image.${name}`, value]),
  )
}
