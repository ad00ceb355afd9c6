import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { ROOT } from './bundle.ts'
import { parseImageName } from './image-name.ts'
import { renderSizes } from './image-sizes.ts'
import { makeImage } from './make-image.ts'
import { ownArchitecture } from './node-binary.ts'
import { packArchive, platformOf } from './oci-archive.ts'

const ARCHIVE = path.join(ROOT, 'dist/coredog-image.tar')
const NAME = `ghcr.io/coredog/coredog:${VERSION}`

const USAGE = `Usage: npm run image [-- --tag=NAME]

Builds CoreDog and makes dist/coredog-image.tar, an OCI archive for this machine's architecture, without a container
engine and without a registry. Nodes take it with \`ctr --namespace k8s.io images import\`, engines with \`docker load\`
or \`podman load\`.

  --tag=NAME   registry, repository and tag (default: ${NAME})
  --arch=ARCH  x64 or arm64; it must be this machine's
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tag: { type: 'string', default: NAME },
      arch: { type: 'string', default: process.arch },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  const name = parseImageName(values.tag)
  assertOwn(values.arch)
  await execa(process.execPath, [path.join(ROOT, 'build/main.ts')], { stdio: 'inherit' })
  const image = await makeImage(name)
  await writeFile(`${ARCHIVE}.new`, await packArchive(image))
  await rename(`${ARCHIVE}.new`, ARCHIVE)
  const { os, architecture } = platformOf(image.architecture)
  process.stdout.write(`\n${path.relative(ROOT, ARCHIVE)}: ${name.full}, ${os}/${architecture}\n\n`)
  process.stdout.write(renderSizes(image.layers))
}

function assertOwn(architecture: string): void {
  if (architecture === ownArchitecture()) return
  throw new OperatorError(
    `Cannot make an image for "${architecture}" on ${ownArchitecture()}: the libraries in it are this machine's`,
    'Run it on a machine of that architecture, or build deploy/Dockerfile with `docker buildx build --platform`.',
  )
}

ignoreClosedReader()
try {
  await main()
} catch (thrown) {
  const hint = thrown instanceof OperatorError ? `${thrown.hint}\n` : ''
  process.stderr.write(`${messageOf(thrown)}\n${hint}`)
  process.exitCode = 1
}
