import { packTar } from 'modern-tar'
import { digestOf, type Layer } from './image-layer.ts'
import type { ImageName } from './image-name.ts'
import type { Architecture } from './node-binary.ts'

/** The names that images, and Go, have for them. */
export const GO_NAMES = { x64: 'amd64', arm64: 'arm64' } as const

export interface Image {
  readonly name: ImageName
  readonly architecture: Architecture
  readonly layers: readonly Layer[]
  /** How its containers run, as the image specification has it. */
  readonly settings: {
    readonly Env: readonly string[]
    readonly Entrypoint: readonly string[]
    readonly WorkingDir: string
    readonly User: string
    readonly Labels: Readonly<Record<string, string>>
  }
}

interface Blob {
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly bytes: Uint8Array
}

/**
 * One file that container runtimes import: an OCI image layout in a tar archive, of one image for one architecture or
 * for several. `manifest.json` says the same of the first to Docker, whose older versions read nothing else.
 */
export async function packArchive(first: Image, ...others: readonly Image[]): Promise<Uint8Array> {
  const { packed, whole, blobs } = layOut([first, ...others])
  const named = { ...whole, annotations: annotationsOf(first.name) }
  return packTar([
    fileOf('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    fileOf('index.json', json(indexOf([named]))),
    fileOf('manifest.json', json(packed.slice(0, 1).flatMap(dockerManifestOf))),
    ...blobs.map(blob => fileOf(placeOf(blob), blob.bytes)),
  ])
}

/** By it a registry calls the image once it is there, if it was copied as it is. */
export function imageDigest(...images: readonly Image[]): string {
  return layOut(images).whole.digest
}

interface Layout {
  readonly packed: readonly PackedImage[]
  /** The manifest, or that of all manifests. */
  readonly whole: Blob['descriptor']
  /** Each once: architectures have some in common. */
  readonly blobs: readonly Blob[]
}

function layOut(images: readonly Image[]): Layout {
  const packed = images.map(pack)
  const entries = packed.map(({ image, manifest }) => ({
    ...manifest.descriptor,
    platform: platformOf(image.architecture),
  }))
  const index = jsonBlob(INDEX, indexOf(entries))
  const [only, ...others] = entries
  const isOne = only !== undefined && others.length === 0
  const blobs = [...packed.flatMap(each => each.blobs), ...(isOne ? [] : [index])]
  return {
    ...{ packed, whole: isOne ? only : index.descriptor },
    blobs: [...new Map(blobs.map(blob => [placeOf(blob), blob])).values()],
  }
}

const INDEX = 'application/vnd.oci.image.index.v1+json'

interface PackedImage {
  readonly image: Image
  readonly config: Blob
  readonly manifest: Blob
  readonly layers: readonly Blob[]
  readonly blobs: readonly Blob[]
}

function pack(image: Image): PackedImage {
  const layers = image.layers.map(layer => blobOf('application/vnd.oci.image.layer.v1.tar+gzip', layer.blob))
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', configOf(image))
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  return { image, config, manifest, layers, blobs: [config, manifest, ...layers] }
}

function configOf({ architecture, layers, settings }: Image): object {
  const created = settings.Labels['org.opencontainers.image.created']
  return {
    ...(created !== undefined && { created }),
    ...platformOf(architecture),
    config: settings,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created_by: `coredog: ${name}` })),
  }
}

function annotationsOf(name: ImageName): object {
  return {
    'io.containerd.image.name': name.full,
    'org.opencontainers.image.ref.name': name.tag,
  }
}

function indexOf(manifests: readonly object[]): object {
  return { schemaVersion: 2, mediaType: INDEX, manifests }
}

export function platformOf(architecture: Architecture): {
  readonly os: string
  readonly architecture: string
} {
  return { os: 'linux', architecture: GO_NAMES[architecture] }
}

function dockerManifestOf({ image, config, layers }: PackedImage): object[] {
  return [{ Config: placeOf(config), RepoTags: [image.name.full], Layers: layers.map(placeOf) }]
}

function jsonBlob(mediaType: string, content: object): Blob {
  return blobOf(mediaType, json(content))
}

function blobOf(mediaType: string, bytes: Uint8Array): Blob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}

function placeOf({ descriptor }: Blob): string {
  return `blobs/${descriptor.digest.replace(':', '/')}`
}

function json(content: object): Uint8Array {
  return Buffer.from(JSON.stringify(content))
}

function fileOf(name: string, body: Uint8Array): Parameters<typeof packTar>[0][number] {
  return { header: { name, size: body.length, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }, body }
}
