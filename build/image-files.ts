import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import type { Contents } from './first-difference.ts'
import type { ImageEntry } from './image-layer.ts'

interface Descriptor {
  readonly digest: string
  readonly platform?: { readonly os: string; readonly architecture: string }
}

interface Manifest {
  /** Of an index. */
  readonly manifests?: readonly Descriptor[]
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
}

/** What is in an image for one platform, such as `linux/arm64`. */
interface PlatformImage {
  readonly platform: string
  readonly entries: readonly ImageEntry[]
  readonly configuration: Buffer
}

/** All that containers of an OCI archive would see, by platform and path, and last how the image describes itself. */
export async function imageFiles(archive: Buffer): Promise<Contents> {
  const images = await imagesIn(archive)
  return new Map(
    images.flatMap(({ platform, entries, configuration }): [string, Buffer][] => [
      ...entries.map((entry): [string, Buffer] => [`${platform}: ${entry.path}`, wholeOf(entry)]),
      [`${platform}: the configuration`, configuration],
    ]),
  )
}

function wholeOf({ content = '', link = '', mode }: ImageEntry): Buffer {
  return Buffer.concat([Buffer.from(content), Buffer.from(`${mode.toString(8)} ${link}\n`)])
}

/** The images in an OCI archive, one for each platform. */
export async function imagesIn(archive: Buffer): Promise<PlatformImage[]> {
  const entries = await unpackTar(archive)
  const files = new Map(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? [])]))
  const index = files.get('index.json')
  if (index === undefined) throw new Error('Cannot read the archive: it is no OCI archive')
  return await imagesOf(JSON.parse(String(index)), files, '')
}

async function imagesOf(manifest: Manifest, files: Contents, platform: string): Promise<PlatformImage[]> {
  const { manifests = [], layers = [], config } = manifest
  const below = manifests.map(each => {
    const name = each.platform === undefined ? platform : `${each.platform.os}/${each.platform.architecture}`
    return imagesOf(JSON.parse(String(blobOf(each, files))), files, name)
  })
  const entries = await Promise.all(layers.map(layer => entriesOf(blobOf(layer, files))))
  const own =
    config === undefined ? [] : [{ platform, entries: entries.flat(), configuration: blobOf(config, files) }]
  return [...own, ...(await Promise.all(below)).flat()]
}

async function entriesOf(layer: Buffer): Promise<ImageEntry[]> {
  const entries = await unpackTar(gunzipSync(layer))
  return entries.map(({ header: { name, type, mode = 0, linkname }, data }) => ({
    ...{ path: `/${name}`, mode },
    ...(type === 'file' && { content: Buffer.from(data ?? []) }),
    ...(type === 'symlink' && linkname !== undefined && { link: linkname }),
  }))
}

function blobOf({ digest }: Descriptor, files: Contents): Buffer {
  const blob = files.get(`blobs/${digest.replace(':', '/')}`)
  if (blob === undefined) throw new Error(`Cannot read the archive: it has no ${digest}`)
  return blob
}
