import { packTar } from 'modern-tar'
import { digestOf, type Layer } from './image-layer.ts'
import type { ImageName } from './image-name.ts'
import type { Architecture } from './node-binary.ts'

/** The names that images, and Go, have for them. */
const GO_NAMES = { x64: 'amd64', arm64: 'arm64' } as const

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
 * One file that container runtimes import: an OCI image layout in a tar archive. `manifest.json` says the
 * same to Docker, whose older versions read nothing else.
 */
export async function packArchive(image: Image): Promise<Uint8Array> {
  const layers = image.layers.map(layer => blobOf('application/vnd.oci.image.layer.v1.tar+gzip', layer.blob))
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', configOf(image))
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  const blobs = [config, manifest, ...layers]
  return packTar([
    fileOf('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    fileOf('index.json', json(indexOf(image, manifest))),
    fileOf('manifest.json', json(dockerManifestOf(image, config, layers))),
    ...blobs.map(blob => fileOf(placeOf(blob), blob.bytes)),
  ])
}

function configOf({ architecture, layers, settings }: Image): object {
  return {
    ...platformOf(architecture),
    config: settings,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created_by: `coredog: ${name}` })),
  }
}

function indexOf({ name, architecture }: Image, { descriptor }: Blob): object {
  const annotations = {
    'io.containerd.image.name': name.full,
    'org.opencontainers.image.ref.name': name.tag,
  }
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...descriptor, annotations, platform: platformOf(architecture) }],
  }
}

export function platformOf(architecture: Architecture): {
  readonly os: string
  readonly architecture: string
} {
  return { os: 'linux', architecture: GO_NAMES[architecture] }
}

function dockerManifestOf({ name }: Image, config: Blob, layers: readonly Blob[]): object {
  return [{ Config: placeOf(config), RepoTags: [name.full], Layers: layers.map(placeOf) }]
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
