/** `npm run reproduce`: whether the build gives the same wherever it is done. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf } from '../crash/errors.ts'
import { ROOT } from './bundle.ts'
import { type Contents, firstDifference } from './first-difference.ts'
import { imageFiles } from './image-files.ts'
import { digestOf } from './image-layer.ts'
import { madeFiles } from './made-files.ts'

const USAGE = `Usage: npm run reproduce [-- --against=ARCHIVE] [--tag=NAME]

Makes the image of the last commit twice, each in a new folder, and compares all that is made, byte for byte. It says
which file differs first, and ends with 1 then.

  --against=ARCHIVE  makes it once, and compares the image with that in an OCI archive, file by file
                     (\`skopeo copy docker://NAME oci-archive:ARCHIVE\`)
  --tag=NAME         as of npm run image
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { against: { type: 'string' }, tag: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) return void process.stdout.write(USAGE)
  const options = values.tag === undefined ? [] : [`--tag=${values.tag}`]
  const against = values.against === undefined ? null : await imageFiles(await readFile(values.against))
  const folder = await mkdtemp(path.join(tmpdir(), 'coredog-reproduced-'))
  try {
    tell(await (against === null ? twice(folder, options) : once(folder, options, against)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** In folders of different lengths, and one with a name that a shell would have to quote. */
async function twice(folder: string, options: readonly string[]): Promise<string | null> {
  const one = await madeFiles(await makeIn(path.join(folder, 'one'), options))
  const other = await madeFiles(await makeIn(path.join(folder, 'an other', 'one'), options))
  return firstDifference(one, other)
}

async function once(folder: string, options: readonly string[], against: Contents): Promise<string | null> {
  const dist = await makeIn(path.join(folder, 'one'), options)
  return firstDifference(against, await imageFiles(await readFile(path.join(dist, ARCHIVE))))
}

const ARCHIVE = 'coredog-image.tar'

/** Returns where it is. */
async function makeIn(folder: string, options: readonly string[]): Promise<string> {
  process.stdout.write(`${folder}: `)
  await execa('git', ['clone', '--quiet', ROOT, folder])
  await execa('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder })
  await execa('npm', ['run', '-s', 'image', '--', ...options], { cwd: folder })
  const dist = path.join(folder, 'dist')
  process.stdout.write(`${digestOf(await readFile(path.join(dist, ARCHIVE)))}\n`)
  return dist
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
