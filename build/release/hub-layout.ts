import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { digestOf } from '../image-layer.ts'

// As Artifact Hub's documents have it: what `oras push` would make of artifacthub-repo.yml.
const CONFIG = 'application/vnd.cncf.artifacthub.config.v1+yaml'
const LAYER = 'application/vnd.cncf.artifacthub.repository-metadata.layer.v1.yaml'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** The tag beside a chart's versions under which Artifact Hub looks for whose the chart is. */
export const HUB_TAG = 'artifacthub.io'

/** Writes artifacthub-repo.yml as an OCI layout. */
export async function writeHubLayout(file: string, folder: string): Promise<void> {
  const blobs = path.join(folder, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const title = { 'org.opencontainers.image.title': path.basename(file) }
  const config = await writeBlob(blobs, CONFIG, '{}')
  const layer = await writeBlob(blobs, LAYER, await readFile(file))
  const layers = [{ ...layer, annotations: title }]
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers })
  const manifests = [await writeBlob(blobs, MANIFEST, manifest)]
  await writeFile(path.join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

async function writeBlob(folder: string, mediaType: string, content: string | Buffer): Promise<Descriptor> {
  const bytes = Buffer.from(content)
  const digest = digestOf(bytes)
  await writeFile(path.join(folder, digest.replace('sha256:', '')), bytes)
  return { mediaType, digest, size: bytes.length }
}
