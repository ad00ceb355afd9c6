import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { checksumsOf } from '../../../build/release/checksums.ts'
import { HUB_TAG, writeHubLayout } from '../../../build/release/hub-layout.ts'
import { readLayout } from '../../../build/release/image-layout.ts'
import { type LocalRegistry, startRegistry } from '../../../build/release/local-registry.ts'
import { logIn } from '../../../build/release/log-in.ts'
import { pinImage } from '../../../build/release/pinned-manifest.ts'
import { provenanceOf } from '../../../build/release/provenance.ts'
import { publish } from '../../../build/release/publish.ts'
import { FILE_NAMES, type Release, releaseFor } from '../../../build/release/release.ts'
import { type Signer, throwAwaySigner } from '../../../build/release/signer.ts'
import { runTool } from '../../../build/release/tool.ts'
import { verify } from '../../../build/release/verify.ts'
import { missingProgram } from './missing-program.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const lacks = missingProgram('crane', 'cosign', 'registry', 'helm')

describe('a release', { skip: lacks !== null && `there is no ${lacks} here` }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-publish-'))
  let registry: LocalRegistry
  let release: Release
  let signer: Signer

  before(async () => {
    registry = await startRegistry(folder)
    process.env.DOCKER_CONFIG = folder
    signer = await throwAwaySigner(folder)
    release = releaseFor(`${registry.name}/coredog`, path.join(folder, 'release'))
    await lay(release)
    await assert.rejects(publish(release, signer, provenanceOf(BUILD)), /crane push/)
    await logIn(registry.name, registry.user, registry.password)
    await publish(release, signer, provenanceOf(BUILD))
  })
  after(async () => {
    await registry?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  /** What is seen of it, or why not. */
  async function seen(by: Signer): Promise<string[]> {
    const scratch = mkdtempSync(path.join(folder, 'verify-'))
    const lines: string[] = []
    for await (const line of verify(release, by, scratch)) lines.push(line)
    return lines
  }

  it('holds in the eyes of who has the key', async () => {
    const { digest } = await readLayout(release.layout)
    const lines = await seen(signer)
    assert.equal(lines[0], `${release.image}:${release.version} is ${digest}, as it was made`)
    assert.equal(lines.length, 7)
    assert.match(lines.at(-1) ?? '', /^coredog-fallback\.yaml: .* is in the registry/)
  })

  it('tells Artifact Hub whose the chart is', async () => {
    const manifest = JSON.parse(await runTool('crane', ['manifest', `${release.chart}:${HUB_TAG}`]))
    assert.match(manifest.config.mediaType, /artifacthub\.config/)
    const blob = `${release.chart}@${manifest.layers[0].digest}`
    assert.equal(
      await runTool('crane', ['blob', blob]),
      readFileSync(path.join(ROOT, 'artifacthub-repo.yml'), 'utf8').trimEnd(),
    )
  })

  it('does not hold in the eyes of who has another key', async () => {
    const elsewhere = mkdtempSync(path.join(folder, 'other-'))
    await assert.rejects(seen(await throwAwaySigner(elsewhere)), /cosign verify/)
  })

  it('does not hold with a file that was changed', async () => {
    const file = path.join(release.files, 'coredog.yaml')
    appendFileSync(file, '# more\n')
    await assert.rejects(seen(signer), /sha256sum/)
  })

  it('does not hold with an image that was put in its place', async () => {
    const other = path.join(folder, 'other-image')
    await writeHubLayout(path.join(ROOT, 'NOTICE'), other)
    await runTool('crane', ['push', other, `${release.image}:${release.version}`])
    await assert.rejects(seen(signer), /^Error: Cannot trust the image in the registry: it is sha256:/)
  })
})

const BUILD = {
  ...{ commit: 'd'.repeat(40), ref: 'HEAD', workflow: null, invocation: 'urn:test', event: 'test' },
}

/** As `make` would, with something small in the place of the image. */
async function lay(release: Release): Promise<void> {
  const { files, layout, image, version } = release
  mkdirSync(files, { recursive: true })
  await writeHubLayout(path.join(ROOT, 'LICENSE'), layout)
  const { digest } = await readLayout(layout)
  for (const name of FILE_NAMES.manifests) {
    const manifest = readFileSync(path.join(ROOT, 'deploy', name), 'utf8')
    writeFileSync(path.join(files, name), pinImage(manifest, `${image}:${version}@${digest}`))
  }
  await runTool('helm', ['package', path.join(ROOT, 'deploy/chart'), '--destination', files])
  writeFileSync(
    path.join(files, FILE_NAMES.sbom),
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6' }),
  )
  copyFileSync(path.join(ROOT, 'NOTICE'), path.join(files, FILE_NAMES.handler('x64')))
  writeFileSync(path.join(files, FILE_NAMES.checksums), await checksumsOf(files, [FILE_NAMES.checksums]))
}
