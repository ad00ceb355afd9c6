import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { packLayer } from '../../build/image-layer.ts'
import { parseImageName } from '../../build/image-name.ts'
import { makeImage } from '../../build/make-image.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { packArchive } from '../../build/oci-archive.ts'
import { HANDLER_IN_IMAGE } from './agent-image.ts'
import { imageLibraries } from './image-libraries.ts'
import type { Image } from './images.ts'

/**
 * The image of the manifests as `npm run image` makes it, and the next one, whose handler is another file.
 */
export interface Releases {
  readonly current: Image
  readonly next: Image
}

export async function packReleases(names: { current: string; next: string }, dir: string): Promise<Releases> {
  const current = await makeImage(parseImageName(names.current), ownArchitecture(), await imageLibraries())
  const layers = await Promise.all(
    current.layers.map(layer => (layer.name === 'handler' ? changed(layer) : layer)),
  )
  const next = { ...current, name: parseImageName(names.next), layers }
  return {
    current: await write(current, path.join(dir, 'current.tar')),
    next: await write(next, path.join(dir, 'next.tar')),
  }
}

type Layer = Awaited<ReturnType<typeof packLayer>>

/** What stands behind the end of a program is not looked at. */
async function changed({ name, entries }: Layer): Promise<Layer> {
  const others = entries.filter(entry => entry.path !== HANDLER_IN_IMAGE)
  const [handler] = entries.filter(entry => entry.path === HANDLER_IN_IMAGE)
  if (handler === undefined) throw new Error(`Cannot change the handler: it is not in the layer "${name}"`)
  const content = Buffer.concat([Buffer.from(handler.content ?? ''), Buffer.from('newer')])
  return await packLayer(name, [...others, { ...handler, content }])
}

async function write(image: Parameters<typeof packArchive>[0], archive: string): Promise<Image> {
  await writeFile(archive, await packArchive(image))
  return { name: image.name.full, archive }
}
