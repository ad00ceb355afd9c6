import path from 'node:path'
import { VERSION } from '../../crash/version.ts'
import { ROOT } from '../bundle.ts'

/** Where releases go. */
export const REGISTRY = 'ghcr.io/coredog'

/** What a release is called, and where its parts are. */
export interface Release {
  readonly version: string
  /** Of the image, without a tag. */
  readonly image: string
  /** Of the chart, without a tag; the folder above is what Helm pushes to. */
  readonly chart: string
  readonly folder: string
  /** The image, as an OCI layout. */
  readonly layout: string
  /** What people load down. */
  readonly files: string
  readonly notes: string
  /** Of the programs that speak with the registry: DOCKER_CONFIG, where it is not the user's own. */
  readonly env: Readonly<Record<string, string>>
}

export function releaseFor(
  registry: string,
  folder = path.join(ROOT, 'dist/release'),
  env: Release['env'] = {},
): Release {
  return {
    ...{ version: VERSION, folder, env },
    image: `${registry}/coredog`,
    chart: `${registry}/charts/coredog`,
    layout: path.join(folder, 'image'),
    files: path.join(folder, 'files'),
    notes: path.join(folder, 'notes.md'),
  }
}

/** Names in a release have no version where people have a link to the newest. */
export const FILE_NAMES = {
  archive: 'coredog-image.tar',
  manifests: ['coredog.yaml', 'coredog-fallback.yaml', 'coredog-api.yaml'],
  handler: (architecture: string) => `coredog-handler-linux-${architecture}.gz`,
  chart: (version: string) => `coredog-${version}.tgz`,
  /** kubectl coredog, and what Krew installs it by. */
  plugin: (platform: string) => `kubectl-coredog-${platform}.tar.gz`,
  krew: 'kubectl-coredog.krew.yaml',
  sbom: 'coredog.cdx.json',
  checksums: 'SHA256SUMS',
  signature: 'SHA256SUMS.sigstore.json',
} as const
