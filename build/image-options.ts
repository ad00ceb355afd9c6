import { parseArgs } from 'node:util'
import { OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { readArchitectures } from './architectures.ts'
import { type ImageName, parseImageName } from './image-name.ts'
import { type Architecture, ownArchitecture } from './node-binary.ts'

const NAME = `ghcr.io/coredog/coredog:${VERSION}`

export const USAGE = `Usage: npm run image [-- --tag=NAME] [--arch=ARCH] [--libraries=machine]

Builds CoreDog and makes dist/coredog-image.tar, an OCI archive, without a container engine and without a registry.
Nodes take it with \`ctr --namespace k8s.io images import\`, engines with \`docker load\` or \`podman load\`. Of one commit
it is the same, byte for byte, in any folder and by any user, on machines of one architecture with Debian 12, its
compiler and an emulator where one is needed. Its libraries are packages of Debian 12 that are pinned in
build/debian/packages.json, and this machine's apt fetches them. COREDOG_REQUIRE_ADDON=1 and
COREDOG_REQUIRE_CODE_CACHES=1 have it fail where it would go without one of them. SOURCE_DATE_EPOCH, in seconds, goes
before the time of the commit in its label.

  --tag=NAME           registry, repository and tag (default: ${NAME})
  --arch=ARCH          x64, arm64, or all: one image for both (default: this machine's); others than this machine's are
                       dist/coredog-image-ARCH.tar
  --libraries=machine  for machines without Debian's apt: takes this machine's libraries, so that the image is not
                       reproducible
  --root=FOLDER        makes no archive, but writes what is in the image into this folder, as deploy/Dockerfile wants it
  --renew-pins         makes no image: pins the packages as Debian offers them today
`

export type ImageOptions = 'help' | 'renew pins' | ImageWish

export interface ImageWish {
  readonly name: ImageName
  readonly architectures: readonly Architecture[]
  readonly libraries: 'debian' | 'machine'
  /** Where it is to be written, in place of an archive; `null`: into an archive. */
  readonly root: string | null
}

export function readImageOptions(args: readonly string[]): ImageOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) return 'help'
  if (values['renew-pins']) return 'renew pins'
  const architectures = readArchitectures(values.arch ?? ownArchitecture())
  const libraries = librariesOf(values.libraries, architectures)
  const root = rootOf(values.root, architectures)
  return { name: parseImageName(values.tag), architectures, libraries, root }
}

const OPTIONS = {
  tag: { type: 'string', default: NAME },
  arch: { type: 'string' },
  libraries: { type: 'string', default: 'debian' },
  root: { type: 'string' },
  'renew-pins': { type: 'boolean' },
  help: { type: 'boolean' },
} as const

function librariesOf(text: string, architectures: readonly Architecture[]): 'debian' | 'machine' {
  if (text === 'debian') return text
  if (text !== 'machine')
    throw new OperatorError(
      `Cannot take libraries of "${text}"`,
      'Give --libraries=debian or --libraries=machine.',
    )
  if (architectures.every(each => each === ownArchitecture())) return text
  throw new OperatorError(
    `Cannot make an image for ${architectures.join(' and ')} with the libraries of this machine, which is ${ownArchitecture()}`,
    'Leave out --libraries=machine, or run it on a machine of that architecture.',
  )
}

function rootOf(folder: string | undefined, architectures: readonly Architecture[]): string | null {
  if (folder === undefined || architectures.length === 1) return folder ?? null
  throw new OperatorError(
    `Cannot write several architectures into "${folder}"`,
    'Give --arch=x64 or --arch=arm64.',
  )
}
