import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from './checksums.ts'
import { readLayout } from './image-layout.ts'
import { imagesOf } from './pinned-manifest.ts'
import { digestOf, isPlain } from './reference.ts'
import { FILE_NAMES, type Release } from './release.ts'
import { cosign, type Signer } from './signer.ts'
import { runTool } from './tool.ts'

/** What is looked at, as a person would who trusts nobody, in the order in which it is told. */
export async function* verify(release: Release, signer: Signer, scratch: string): AsyncGenerator<string> {
  yield* verifyImage(release, signer)
  yield* verifyChart(release, signer, scratch)
  yield* verifyFiles(release, signer)
}

async function* verifyImage({ image, version, layout }: Release, signer: Signer): AsyncGenerator<string> {
  const digest = await digestOf(`${image}:${version}`)
  assertSame('the image in the registry', digest, (await readLayout(layout)).digest)
  yield `${image}:${version} is ${digest}, as it was made`
  await verifySigned(`${image}@${digest}`, ['slsaprovenance1', 'cyclonedx'], signer)
  yield 'its signature, its provenance and its SBOM hold'
}

async function* verifyChart(
  { chart, version, files }: Release,
  signer: Signer,
  scratch: string,
): AsyncGenerator<string> {
  const plain = isPlain(chart) ? ['--plain-http'] : []
  await runTool('helm', ['pull', `oci://${chart}`, '--version', version, '--destination', scratch, ...plain])
  const name = FILE_NAMES.chart(version)
  assertSame('the chart', await sha256(path.join(scratch, name)), await sha256(path.join(files, name)))
  yield `oci://${chart} --version ${version} is the file that was made`
  await verifySigned(`${chart}@${await digestOf(`${chart}:${version}`)}`, ['slsaprovenance1'], signer)
  yield 'its signature and its provenance hold'
}

async function* verifyFiles({ files }: Release, { verifying }: Signer): AsyncGenerator<string> {
  const bundle = `--bundle=${path.join(files, FILE_NAMES.signature)}`
  await cosign('verify-blob', ...verifying, bundle, path.join(files, FILE_NAMES.checksums))
  await runTool('sha256sum', ['--check', '--strict', '--quiet', FILE_NAMES.checksums], { cwd: files })
  yield `${FILE_NAMES.checksums} is signed, and each file is what it says`
  for (const name of FILE_NAMES.manifests)
    for (const reference of imagesOf(await readFile(path.join(files, name), 'utf8')))
      yield `${name}: ${reference} is in the registry (${await kindOf(reference)})`
}

async function kindOf(reference: string): Promise<string> {
  const { manifests = [] } = JSON.parse(await runTool('crane', ['manifest', reference])) as {
    manifests?: readonly { readonly platform: { readonly architecture: string } }[]
  }
  return manifests.map(({ platform }) => platform.architecture).join(', ') || 'one architecture'
}

async function verifySigned(
  reference: string,
  types: readonly string[],
  { verifying }: Signer,
): Promise<void> {
  await cosign('verify', ...verifying, reference)
  for (const type of types) await cosign('verify-attestation', ...verifying, `--type=${type}`, reference)
}

function assertSame(what: string, is: string, should: string): void {
  if (is !== should) throw new Error(`Cannot trust ${what}: it is ${is}, and not ${should}`)
}
