import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { packChart } from '../../../build/release/chart-archive.ts'
import { checksumsOf } from '../../../build/release/checksums.ts'
import { HUB_TAG, writeHubLayout } from '../../../build/release/hub-layout.ts'
import { readLayout } from '../../../build/release/image-layout.ts'
import { type LocalRegistry, startRegistry } from '../../../build/release/local-registry.ts'
import { logIn } from '../../../build/release/log-in.ts'
import { writePlugin } from '../../../build/release/pack-plugin.ts'
import { pinImage } from '../../../build/release/pinned-manifest.ts'
import { WITH_NODE } from '../../../build/release/plugin-archives.ts'
import { provenanceOf } from '../../../build/release/provenance.ts'
import { publish } from '../../../build/release/publish.ts'
import { FILE_NAMES, type Release, releaseFor } from '../../../build/release/release.ts'
import { cosign, type Signer, throwAwaySigner } from '../../../build/release/signer.ts'
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
    signer = await throwAwaySigner(folder)
    const env = { DOCKER_CONFIG: folder }
    release = releaseFor(`${registry.name}/coredog`, path.join(folder, 'release'), env)
    await lay(release)
    await assert.rejects(publish(release, signer, provenanceOf(BUILD)), /crane digest/)
    await logIn(release, registry.user, registry.password)
    await publish(release, signer, provenanceOf(BUILD))
  })
  after(async () => {
    await registry?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  /** What is seen of it, or why not. */
  async function seen(by: Signer, commit = BUILD.commit): Promise<string[]> {
    const scratch = mkdtempSync(path.join(folder, 'verify-'))
    const lines: string[] = []
    for await (const line of verify(release, { ...by, commit }, scratch)) lines.push(line)
    return lines
  }

  async function seenOf(other: Release): Promise<void> {
    const scratch = mkdtempSync(path.join(folder, 'verify-'))
    for await (const _ of verify(other, { ...signer, commit: BUILD.commit }, scratch));
  }

  const crane = (...args: readonly string[]) => runTool('crane', args, { env: release.env, stderr: 'pipe' })

  /** Of the same version, with its own files. */
  async function anotherRelease(name: string): Promise<Release> {
    const other = { ...release, ...placesOf(path.join(folder, name)) }
    cpSync(release.folder, other.folder, { recursive: true })
    return other
  }

  async function signSums({ files }: Release): Promise<void> {
    const bundle = `--bundle=${path.join(files, FILE_NAMES.signature)}`
    const sums = path.join(files, FILE_NAMES.checksums)
    await cosign(['sign-blob', '--yes', ...signer.signing, bundle, sums])
  }

  async function assertRefused(other: Release, reference: string): Promise<void> {
    await assert.rejects(publish(other, signer, provenanceOf(BUILD)), {
      name: 'OperatorError',
      hint: 'Release another version.',
      message: new RegExp(
        `^Cannot publish "${reference}:${other.version}": ${other.version} is published as sha256:\\w{64}, and this is`,
      ),
    })
  }

  it('holds in the eyes of who has the key', async () => {
    const { digest } = await readLayout(release.layout)
    const lines = await seen(signer)
    assert.equal(lines[0], `${release.image}:${release.version} is ${digest}, as it was made`)
    assert.equal(lines.length, 9)
    assert.equal(lines[1], `its signature and its SBOM hold, and its provenance, of commit ${BUILD.commit}`)
    assert.match(lines.at(-1) ?? '', /^coredog-api\.yaml: .* is in the registry/)
  })

  it('tells Artifact Hub whose the chart is', async () => {
    const manifest = JSON.parse(await crane('manifest', `${release.chart}:${HUB_TAG}`))
    assert.match(manifest.config.mediaType, /artifacthub\.config/)
    const blob = `${release.chart}@${manifest.layers[0].digest}`
    assert.equal(
      await crane('blob', blob),
      readFileSync(path.join(ROOT, 'artifacthub-repo.yml'), 'utf8').trimEnd(),
    )
  })

  it('does not hold in the eyes of who has another key', async () => {
    const elsewhere = mkdtempSync(path.join(folder, 'other-'))
    await assert.rejects(seen(await throwAwaySigner(elsewhere)), /cosign verify/)
  })

  it('does not hold as made of another commit', async () => {
    const other = 'e'.repeat(40)
    await assert.rejects(seen(signer, other), {
      message: new RegExp(`^Cannot trust the provenance of .*: it is ${BUILD.commit}, and not ${other}$`),
    })
  })

  it('is published again as it is, and has the same digests', async () => {
    const digests = async () =>
      await Promise.all(
        [release.image, release.chart].map(name => crane('digest', `${name}:${release.version}`)),
      )
    const before = await digests()
    await publish(release, signer, provenanceOf(BUILD))
    assert.deepEqual(await digests(), before)
    assert.equal((await seen(signer)).length, 9)
  })

  it('is not published in the place of one that is there, be it the image', async () => {
    const other = await anotherRelease('another-image')
    await writeHubLayout(path.join(ROOT, 'NOTICE'), other.layout)
    await pinManifests(other)
    await assertRefused(other, other.image)
  })

  it('or the chart, and then the image is not sent either', async () => {
    const other = await anotherRelease('another-chart')
    appendFileSync(path.join(other.files, FILE_NAMES.chart(other.version)), 'more')
    const images = { ...other, image: `${other.image}-2` }
    await pinManifests(images)
    await assertRefused(images, other.chart)
    await assert.rejects(crane('digest', `${images.image}:${other.version}`), /NAME_UNKNOWN|MANIFEST_UNKNOWN/)
  })

  it('is not published with the manifests of a rehearsal', async () => {
    const elsewhere = { ...release, image: 'registry.example/coredog' }
    await assert.rejects(publish(elsewhere, signer, provenanceOf(BUILD)), {
      name: 'OperatorError',
      message: new RegExp(
        `^Cannot trust coredog.yaml: its image is ${release.image}:.*, and not registry.example/`,
      ),
    })
  })

  it('does not hold with a manifest that runs another image, though its checksum is signed', async () => {
    const other = await anotherRelease('another-manifest')
    const file = path.join(other.files, 'coredog-fallback.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/@sha256:\w+/g, `@sha256:${'0'.repeat(64)}`))
    await sumUp(other)
    await signSums(other)
    await assert.rejects(
      seenOf(other),
      /^OperatorError: Cannot trust coredog-fallback\.yaml: its image is .*@sha256:0{64}, and not/,
    )
  })

  it('does not hold where Krew would be sent to another archive', async () => {
    const other = await anotherRelease('another-archive')
    const file = path.join(other.files, FILE_NAMES.krew)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/[0-9a-f]{64}/g, 'f'.repeat(64)))
    await sumUp(other)
    await signSums(other)
    const wrong = /^Error: Cannot trust kubectl-coredog\.krew\.yaml: .*node\.tar\.gz is \w{64}, and not f{64}/
    await assert.rejects(seenOf(other), wrong)
  })

  it('does not hold with a file that was changed', async () => {
    const file = path.join(release.files, 'coredog.yaml')
    appendFileSync(file, '# more\n')
    await assert.rejects(seen(signer), /sha256sum/)
  })

  it('does not hold with an image that was put in its place', async () => {
    const other = path.join(folder, 'other-image')
    await writeHubLayout(path.join(ROOT, 'NOTICE'), other)
    await crane('push', other, `${release.image}:${release.version}`)
    await assert.rejects(seen(signer), /^Error: Cannot trust the image in the registry: it is sha256:/)
  })
})

const BUILD = {
  ...{ commit: 'd'.repeat(40), ref: 'HEAD', workflow: null, invocation: 'urn:test', event: 'test' },
}

function placesOf(folder: string): Pick<Release, 'folder' | 'files' | 'layout' | 'notes'> {
  const { files, layout, notes } = releaseFor('', folder)
  return { folder, files, layout, notes }
}

/** As `make` would, with something small in the place of the image. */
async function lay(release: Release): Promise<void> {
  const { files, layout, version } = release
  mkdirSync(files, { recursive: true })
  await writeHubLayout(path.join(ROOT, 'LICENSE'), layout)
  const chart = path.join(files, FILE_NAMES.chart(version))
  await packChart(path.join(ROOT, 'deploy/chart'), chart, new Date(0))
  writeFileSync(
    path.join(files, FILE_NAMES.sbom),
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6' }),
  )
  copyFileSync(path.join(ROOT, 'NOTICE'), path.join(files, FILE_NAMES.handler('x64')))
  const notice = { name: 'NOTICE', content: readFileSync(path.join(ROOT, 'NOTICE')) }
  await writePlugin(release, [[WITH_NODE, [notice]]], new Date(0))
  await pinManifests(release)
  await sumUp(release)
}

async function pinManifests({ files, layout, image, version }: Release): Promise<void> {
  const { digest } = await readLayout(layout)
  for (const name of FILE_NAMES.manifests) {
    const manifest = readFileSync(path.join(ROOT, 'deploy', name), 'utf8')
    writeFileSync(path.join(files, name), pinImage(manifest, `${image}:${version}@${digest}`))
  }
}

async function sumUp({ files }: Release): Promise<void> {
  const but = [FILE_NAMES.checksums, FILE_NAMES.signature]
  writeFileSync(path.join(files, FILE_NAMES.checksums), await checksumsOf(files, but))
}
