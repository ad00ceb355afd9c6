import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from '../bundle.ts'
import { HUB_TAG, writeHubLayout } from './hub-layout.ts'
import { type ImageLayout, readLayout } from './image-layout.ts'
import { assertPinned } from './pinned-manifest.ts'
import { digestOfPublished, isChartPublished, isImagePublished } from './published.ts'
import { isPlain } from './reference.ts'
import { FILE_NAMES, type Release } from './release.ts'
import { cosign, type Signer } from './signer.ts'
import { runTool } from './tool.ts'

/**
 * Sends image and chart to the registry, and signs them and the files. What was made is sent as it is, and never over
 * what is there: a second time, only what the first one did not reach is sent.
 */
export async function publish(release: Release, signer: Signer, provenance: object): Promise<void> {
  const { image, chart, version, env } = release
  await pushMissing(release)
  await pushHubMetadata(release)
  const named = async (name: string) => `${name}@${await digestOfPublished(`${name}:${version}`, env)}`
  const references = [await named(image), await named(chart)]
  for (const reference of references) await sign(reference, signer, env)
  await attestAll(release, references, signer, provenance)
  await signFiles(release, signer)
}

/** Nothing is sent before it is known that all may be. */
async function pushMissing(release: Release): Promise<void> {
  const layout = await readLayout(release.layout)
  await assertPinned(release, layout.digest)
  const [hasImage, hasChart] = [await isImagePublished(release, layout), await isChartPublished(release)]
  if (!hasImage) await pushImage(release, layout)
  if (!hasChart) await pushChart(release)
}

async function pushImage({ image, version, env }: Release, layout: ImageLayout): Promise<void> {
  const whole = layout.isWhole ? ['--index'] : []
  await runTool('crane', ['push', layout.folder, `${image}:${version}`, ...whole], { env })
  const pushed = await digestOfPublished(`${image}:${version}`, env)
  if (pushed === layout.digest) return
  throw new Error(
    `Cannot publish "${image}:${version}": the registry calls it ${pushed}, and not ${layout.digest}`,
  )
}

async function pushChart({ chart, version, files, env }: Release): Promise<void> {
  const plain = isPlain(chart) ? ['--plain-http'] : []
  const archive = path.join(files, FILE_NAMES.chart(version))
  await runTool('helm', ['push', archive, `oci://${path.dirname(chart)}`, ...plain], { env })
}

async function pushHubMetadata({ chart, folder, env }: Release): Promise<void> {
  const layout = await mkdtemp(path.join(folder, 'hub-'))
  await writeHubLayout(path.join(ROOT, 'artifacthub-repo.yml'), layout)
  await runTool('crane', ['push', layout, `${chart}:${HUB_TAG}`], { env })
  await rm(layout, { recursive: true })
}

async function sign(reference: string, { signing }: Signer, env: Release['env']): Promise<void> {
  await cosign(['sign', '--yes', ...signing, reference], env)
}

async function attestAll(
  { folder, files, env }: Release,
  references: readonly string[],
  { signing }: Signer,
  provenance: object,
): Promise<void> {
  const attest = (reference: string, type: string, predicate: string) =>
    cosign(['attest', '--yes', ...signing, `--type=${type}`, `--predicate=${predicate}`, reference], env)
  const predicate = path.join(folder, 'provenance.json')
  await writeFile(predicate, JSON.stringify(provenance, null, 2))
  for (const reference of references) await attest(reference, 'slsaprovenance1', predicate)
  const sbom = path.join(files, FILE_NAMES.sbom)
  for (const reference of references.slice(0, 1)) await attest(reference, 'cyclonedx', sbom)
}

/** By their checksums. */
async function signFiles({ files }: Release, { signing }: Signer): Promise<void> {
  const bundle = `--bundle=${path.join(files, FILE_NAMES.signature)}`
  await cosign(['sign-blob', '--yes', ...signing, bundle, path.join(files, FILE_NAMES.checksums)])
}
