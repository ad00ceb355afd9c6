import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { ROOT } from '../bundle.ts'
import { REPOSITORY } from '../repository.ts'
import { readRevision } from '../revision.ts'
import { type Built, builtFor } from './built.ts'
import { packChart } from './chart-archive.ts'
import { checksumsOf } from './checksums.ts'
import { type ImageLayout, unpackArchive } from './image-layout.ts'
import { packPlugin } from './pack-plugin.ts'
import { pinImage } from './pinned-manifest.ts'
import { FILE_NAMES, type Release } from './release.ts'
import { notesForPeople, releaseNotes } from './release-notes.ts'
import { writeSbom } from './sbom.ts'
import { runTool } from './tool.ts'

/** Makes all of it, here: nothing is sent anywhere, and no right is needed. */
export async function makeRelease(release: Release, architecture: string): Promise<ImageLayout> {
  const { version, image, files, folder, layout } = release
  const built = builtFor(architecture)
  await rm(folder, { recursive: true, force: true })
  await mkdir(files, { recursive: true })
  await buildImage(`${image}:${version}`, architecture)
  await copyBuilt(built, files)
  const unpacked = await unpackArchive(built.archive, layout)
  for (const name of FILE_NAMES.manifests) await writeManifest(name, release, unpacked)
  const { date } = await readRevision(ROOT)
  const made = new Date(date ?? 0)
  await packChart(path.join(ROOT, 'deploy/chart'), path.join(files, FILE_NAMES.chart(version)), made)
  await packPlugin(
    release,
    built.handlers.map(({ architecture }) => architecture),
    made,
  )
  await writeSbom(path.join(files, FILE_NAMES.sbom))
  await writeNotes(release)
  await writeFile(path.join(files, FILE_NAMES.checksums), await checksumsOf(files, [FILE_NAMES.checksums]))
  return unpacked
}

async function buildImage(name: string, architecture: string): Promise<void> {
  const program = path.join(ROOT, 'build/image.ts')
  await runTool(process.execPath, [program, `--tag=${name}`, `--arch=${architecture}`], { env: COMPLETE })
}

/** What people get is what they can build the same: a build that would go without something fails. */
const COMPLETE = { COREDOG_REQUIRE_ADDON: '1', COREDOG_REQUIRE_CODE_CACHES: '1' }

async function copyBuilt({ archive, handlers }: Built, files: string): Promise<void> {
  await copyFile(archive, path.join(files, FILE_NAMES.archive))
  for (const { file, architecture } of handlers)
    await compress(file, path.join(files, FILE_NAMES.handler(architecture)))
}

/** To a third. */
async function compress(file: string, to: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip({ level: 9 }), createWriteStream(to))
}

async function writeManifest(
  name: string,
  { version, image, files }: Release,
  { digest }: ImageLayout,
): Promise<void> {
  const manifest = await readFile(path.join(ROOT, 'deploy', name), 'utf8')
  await writeFile(path.join(files, name), pinImage(manifest, `${image}:${version}@${digest}`))
}

async function writeNotes({ version, notes }: Release): Promise<void> {
  const changelog = await readFile(path.join(ROOT, 'CHANGELOG.md'), 'utf8')
  const told = notesForPeople(releaseNotes(changelog, version), {
    repository: REPOSITORY,
    tag: `v${version}`,
  })
  await writeFile(notes, told)
}
