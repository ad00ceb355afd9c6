import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseImageName } from '../../build/image-name.ts'
import { makeImage } from '../../build/make-image.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { packArchive } from '../../build/oci-archive.ts'
import { imageLibraries } from './image-libraries.ts'
import type { Image } from './images.ts'

/** Where the image has the one executable. */
export const HANDLER_IN_IMAGE = '/app/coredog-handler'

/** The image that `npm run image` makes, of what is in dist/. The scenario files of one run share it. */
export async function buildAgentImage(workspace: string): Promise<Image> {
  const dir = process.env.COREDOG_E2E_BUILD ?? path.join(workspace, 'build')
  const image = { name: 'localhost/coredog-e2e/agent:1', archive: path.join(dir, 'agent.tar') }
  if (existsSync(image.archive)) return image
  await mkdir(dir, { recursive: true })
  await writeFile(
    image.archive,
    await packArchive(await makeImage(parseImageName(image.name), ownArchitecture(), await imageLibraries())),
  )
  return image
}
