import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from '../bundle.ts'
import { HUB_TAG, writeHubLayout } from './hub-layout.ts'
import { type ImageLayout, readLayout } from './image-layout.ts'
import { digestOf, isPlain } from './reference.ts'
import { FILE_NAMES, type Release } from './release.ts'
import { cosign, type Signer } from './signer.ts'
import { runTool } from './tool.ts'

/** Sends image and chart to the registry, and signs them and the files. What was made is sent as it is. */
export async function publish(release: Release, signer: Signer, provenance: object): Promise<void> {
  const image = await pushImage(release, await readLayout(release.layout))
  const chart = await pushChart(release)
  await pushHubMetadata(release)
  for (const reference of [image, chart]) await sign(reference, signer)
  await attestAll(release, [image, chart], signer, provenance)
  await signFiles(release, signer)
}

async function pushImage({ image, version }: Release, layout: ImageLayout): Promise<string> {
  const whole = layout.isWhole ? ['--index'] : []
  await runTool('crane', ['push', layout.folder, `${image}:${version}`, ...whole])
  const pushed = await digestOf(`${image}:${version}`)
  if (pushed === layout.digest) return `${image}@${pushed}`
  throw new Error(
    `Cannot publish "${image}:${version}": the registry calls it ${pushed}, and not ${layout.digest}`,
  )
}

async function pushChart({ chart, version, files }: Release): Promise<string> {
  const plain = isPlain(chart) ? ['--plain-http'] : []
  const archive = path.join(files, FILE_NAMES.chart(version))
  await runTool('helm', ['push', archive, `oci://${path.dirname(chart)}`, ...plain])
  return `${chart}@${await digestOf(`${chart}:${version}`)}`
}

async function pushHubMetadata({ chart, folder }: Release): Promise<void> {
  const layout = await mkdtemp(path.join(folder, 'hub-'))
  await writeHubLayout(path.join(ROOT, 'artifacthub-repo.yml'), layout)
  await runTool('crane', ['push', layout, `${chart}:${HUB_TAG}`])
  await rm(layout, { recursive: true })
}

async function sign(reference: string, { signing }: Signer): Promise<void> {
  await cosign('sign', '--yes', ...signing, reference)
}

async function attestAll(
  { folder, files }: Release,
  references: readonly string[],
  signer: Signer,
  provenance: object,
): Promise<void> {
  const predicate = path.join(folder, 'provenance.json')
  await writeFile(predicate, JSON.stringify(provenance, null, 2))
  for (const reference of references) await attest(reference, 'slsaprovenance1', predicate, signer)
  const sbom = path.join(files, FILE_NAMES.sbom)
  for (const reference of references.slice(0, 1)) await attest(reference, 'cyclonedx', sbom, signer)
}

async function attest(
  reference: string,
  type: string,
  predicate: string,
  { signing }: Signer,
): Promise<void> {
  await cosign('attest', '--yes', ...signing, `--type=${type}`, `--predicate=${predicate}`, reference)
}

/** By their checksums. */
async function signFiles({ files }: Release, { signing }: Signer): Promise<void> {
  const bundle = `--bundle=${path.join(files, FILE_NAMES.signature)}`
  await cosign('sign-blob', '--yes', ...signing, bundle, path.join(files, FILE_NAMES.checksums))
}
