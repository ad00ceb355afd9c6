import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { archiveFile } from './built-files.ts'
import { ROOT } from './bundle.ts'
import { debianFiles } from './debian/package-files.ts'
import { renewPins } from './debian/renew-pins.ts'
import { THIS_MACHINE } from './file-source.ts'
import { type ImageWish, readImageOptions, USAGE } from './image-options.ts'
import { writeRoot } from './image-root.ts'
import { renderSizes } from './image-sizes.ts'
import { makeImage } from './make-image.ts'
import type { Architecture } from './node-binary.ts'
import { type Image, imageDigest, packArchive, platformOf } from './oci-archive.ts'

async function main(): Promise<void> {
  const options = readImageOptions(process.argv.slice(2))
  if (options === 'help') return void process.stdout.write(USAGE)
  if (options === 'renew pins') return await renew()
  const images: Image[] = []
  // One after another: each keeps both processors busy.
  for (const architecture of options.architectures) images.push(await imageFor(architecture, options))
  await (options.root === null ? writeArchive(images, options) : writeRoots(images, options.root))
  for (const image of images) process.stdout.write(`\n${platformName(image)}\n\n${renderSizes(image.layers)}`)
}

async function writeArchive(images: readonly Image[], { name, architectures }: ImageWish): Promise<void> {
  const [first, ...others] = images
  if (first === undefined) return
  const archive = archiveFile(architectures)
  await writeFile(`${archive}.new`, await packArchive(first, ...others))
  await rename(`${archive}.new`, archive)
  process.stdout.write(`\n${path.relative(ROOT, archive)}: ${name.full}@${imageDigest(...images)}\n`)
}

async function writeRoots(images: readonly Image[], folder: string): Promise<void> {
  for (const { layers } of images)
    await writeRoot(
      folder,
      layers.flatMap(({ entries }) => entries),
    )
  process.stdout.write(`\n${folder}\n`)
}

async function imageFor(architecture: Architecture, { name, libraries }: ImageWish): Promise<Image> {
  // First: what is missing is said before anything is built.
  const source = libraries === 'machine' ? THIS_MACHINE : await debianFiles(architecture)
  const build = path.join(ROOT, 'build/main.ts')
  await execa(process.execPath, [build, `--arch=${architecture}`], { stdio: 'inherit' })
  return await makeImage(name, architecture, source)
}

async function renew(): Promise<void> {
  const { packages } = await renewPins()
  for (const [architecture, pinned] of Object.entries(packages))
    for (const { name, version } of pinned) process.stdout.write(`${architecture} ${name} ${version}\n`)
}

function platformName({ architecture }: Image): string {
  const platform = platformOf(architecture)
  return `${platform.os}/${platform.architecture}`
}

ignoreClosedReader()
try {
  await main()
} catch (thrown) {
  const hint = thrown instanceof OperatorError ? `${thrown.hint}\n` : ''
  process.stderr.write(`${messageOf(thrown)}\n${hint}`)
  process.exitCode = 1
}
