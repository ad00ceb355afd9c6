import { debianFiles } from './debian/package-files.ts'
import type { FileSource } from './file-source.ts'
import { packLayers } from './image-contents.ts'
import { imageLabels } from './image-labels.ts'
import type { ImageName } from './image-name.ts'
import { type Architecture, ownArchitecture } from './node-binary.ts'
import type { Image } from './oci-archive.ts'

/** How containers start. The installer is root only because its manifest says so. */
export const SETTINGS = {
  Env: ['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Entrypoint: ['/app/coredog-handler'],
  WorkingDir: '/',
  User: '65532:65532',
}

/** The image of CoreDog, of what `npm run build` left in dist/, with the libraries that `source` has. */
export async function makeImage(
  name: ImageName,
  architecture: Architecture = ownArchitecture(),
  source?: FileSource,
): Promise<Image> {
  return {
    ...{ name, architecture },
    layers: await packLayers(architecture, source ?? (await debianFiles(architecture))),
    settings: { ...SETTINGS, Labels: await imageLabels() },
  }
}
