import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { commitsIn } from './attestation.ts'
import { sha256 } from './checksums.ts'
import { readLayout } from './image-layout.ts'
import { verifyPlugin } from './pack-plugin.ts'
import { assertPinned, imagesOf } from './pinned-manifest.ts'
import { digestOfPublished } from './published.ts'
import { isPlain } from './reference.ts'
import { FILE_NAMES, type Release } from './release.ts'
import { cosign, type Signer } from './signer.ts'
import { runTool } from './tool.ts'

/** By whose word a release is trusted, and that it was made of which commit. */
interface Trust extends Pick<Signer, 'verifying'> {
  readonly commit: string
}

/** What is looked at, as a person would who trusts nobody, in the order in which it is told. */
export async function* verify(release: Release, trust: Trust, scratch: string): AsyncGenerator<string> {
  yield* verifyImage(release, trust)
  yield* verifyChart(release, trust, scratch)
  yield* verifyFiles(release, trust)
}

async function* verifyImage({ image, version, layout, env }: Release, trust: Trust): AsyncGenerator<string> {
  const digest = await digestOfPublished(`${image}:${version}`, env)
  assertSame('the image in the registry', digest, (await readLayout(layout)).digest)
  yield `${image}:${version} is ${digest}, as it was made`
  await verifySigned(`${image}@${digest}`, trust, env)
  await cosign(['verify-attestation', ...trust.verifying, '--type=cyclonedx', `${image}@${digest}`], env)
  yield `its signature and its SBOM hold, and its provenance, of commit ${trust.commit}`
}

async function* verifyChart(
  { chart, version, files, env }: Release,
  trust: Trust,
  scratch: string,
): AsyncGenerator<string> {
  const plain = isPlain(chart) ? ['--plain-http'] : []
  const pull = ['pull', `oci://${chart}`, '--version', version, '--destination', scratch, ...plain]
  await runTool('helm', pull, { env })
  const name = FILE_NAMES.chart(version)
  assertSame('the chart', await sha256(path.join(scratch, name)), await sha256(path.join(files, name)))
  yield `oci://${chart} --version ${version} is the file that was made`
  await verifySigned(`${chart}@${await digestOfPublished(`${chart}:${version}`, env)}`, trust, env)
  yield `its signature holds, and its provenance, of commit ${trust.commit}`
}

async function* verifyFiles(release: Release, { verifying }: Trust): AsyncGenerator<string> {
  const { files, layout, env } = release
  const bundle = `--bundle=${path.join(files, FILE_NAMES.signature)}`
  await cosign(['verify-blob', ...verifying, bundle, path.join(files, FILE_NAMES.checksums)])
  await runTool('sha256sum', ['--check', '--strict', '--quiet', FILE_NAMES.checksums], { cwd: files })
  yield `${FILE_NAMES.checksums} is signed, and each file is what it says`
  yield* verifyPlugin(release)
  await assertPinned(release, (await readLayout(layout)).digest)
  for (const name of FILE_NAMES.manifests)
    for (const reference of imagesOf(await readFile(path.join(files, name), 'utf8')))
      yield `${name}: ${reference} is in the registry (${await kindOf(reference, env)})`
}

async function kindOf(reference: string, env: Release['env']): Promise<string> {
  const { manifests = [] } = JSON.parse(await runTool('crane', ['manifest', reference], { env })) as {
    manifests?: readonly { readonly platform: { readonly architecture: string } }[]
  }
  return manifests.map(({ platform }) => platform.architecture).join(', ') || 'one architecture'
}

async function verifySigned(
  reference: string,
  { verifying, commit }: Trust,
  env: Release['env'],
): Promise<void> {
  await cosign(['verify', ...verifying, reference], env)
  const provenance = ['verify-attestation', ...verifying, '--type=slsaprovenance1', reference]
  const commits = commitsIn(await cosign(provenance, env))
  assertSame(`the provenance of ${reference}`, commits.join(' and '), commit)
}

function assertSame(what: string, is: string, should: string): void {
  if (is !== should) throw new Error(`Cannot trust ${what}: it is ${is}, and not ${should}`)
}
