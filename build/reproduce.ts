/** `npm run reproduce`: whether the build gives the same wherever it is done. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { readArchitectures } from './architectures.ts'
import { archiveFile } from './built-files.ts'
import { ROOT } from './bundle.ts'
import { type Contents, firstDifference } from './first-difference.ts'
import { imageFiles } from './image-files.ts'
import { digestOf } from './image-layer.ts'
import { madeFiles } from './made-files.ts'
import { ownArchitecture } from './node-binary.ts'

const USAGE = `Usage: npm run reproduce [-- --against=ARCHIVE] [--tag=NAME] [--arch=ARCH]

Makes the image of the last commit twice, each in a new folder, and compares all that is made, byte for byte. It says
which file differs first, and ends with 1 then.

  --against=ARCHIVE  makes it once, and compares the image with that in an OCI archive, file by file
                     (\`skopeo copy docker://NAME oci-archive:ARCHIVE\`)
  --tag=NAME, --arch=ARCH  as of npm run image
`

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) return void process.stdout.write(USAGE)
  const wish: Wish = {
    options: [`--arch=${values.arch}`, ...(values.tag === undefined ? [] : [`--tag=${values.tag}`])],
    archive: path.relative(ROOT, archiveFile(readArchitectures(values.arch))),
  }
  const against = values.against === undefined ? null : await imageFiles(await readArchive(values.against))
  const folder = await mkdtemp(path.join(tmpdir(), 'coredog-reproduced-'))
  try {
    tell(await (against === null ? twice(folder, wish) : once(folder, wish, against)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readArchive(file: string): Promise<Buffer> {
  return await readFile(file).catch((cause: unknown) => {
    throw new OperatorError(`Cannot read the archive "${file}"`, 'Give --against=ARCHIVE.', cause)
  })
}

const OPTIONS = {
  against: { type: 'string' },
  tag: { type: 'string' },
  arch: { type: 'string', default: ownArchitecture() },
  help: { type: 'boolean' },
} as const

interface Wish {
  /** Of `npm run image`. */
  readonly options: readonly string[]
  /** What that makes, below the folder. */
  readonly archive: string
}

/** In folders of different lengths, and one with a name that a shell would have to quote. */
async function twice(folder: string, wish: Wish): Promise<string | null> {
  const [one, other] = [path.join(folder, 'one'), path.join(folder, 'an other', 'one')]
  for (const each of [one, other]) await makeIn(each, wish)
  return firstDifference(await madeFiles(path.join(one, 'dist')), await madeFiles(path.join(other, 'dist')))
}

async function once(folder: string, wish: Wish, against: Contents): Promise<string | null> {
  const own = path.join(folder, 'one')
  await makeIn(own, wish)
  return firstDifference(against, await imageFiles(await readFile(path.join(own, wish.archive))))
}

async function makeIn(folder: string, { options, archive }: Wish): Promise<void> {
  process.stdout.write(`${folder}: `)
  await execa('git', ['clone', '--quiet', ROOT, folder])
  await execa('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder })
  await execa('npm', ['run', '-s', 'image', '--', ...options], { cwd: folder })
  process.stdout.write(`${digestOf(await readFile(path.join(folder, archive)))}\n`)
}

function tell(difference: string | null): void {
  process.stdout.write(`${difference ?? 'No difference'}\n`)
  if (difference !== null) process.exitCode = 1
}

ignoreClosedReader()
try {
  await main()
} catch (thrown) {
  process.stderr.write(`${messageOf(thrown)}\n`)
  process.exitCode = 1
}
