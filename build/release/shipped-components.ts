import type { Pins } from '../debian/pins.ts'
import { GO_NAMES } from '../oci-archive.ts'

/** A part of a release, in the words of CycloneDX. */
export interface Component {
  readonly type: 'library'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly object[]
  readonly hashes: readonly { readonly alg: 'SHA-256'; readonly content: string }[]
}

/** ISA-L, by the pin of the package that brings its source. */
export function libraryOf(pin: string): Component {
  const [, version = ''] = /ISA-L ([\d.]+)/.exec(pin) ?? []
  const [, brought = '', content = ''] = /^isal==([\d.]+) --hash=sha256:([\da-f]{64})$/m.exec(pin) ?? []
  if (version === '' || content === '')
    throw new Error('Cannot tell which ISA-L this is: handler/native/isal.txt')
  return {
    ...{ type: 'library', name: 'isa-l', version, purl: `pkg:pypi/isal@${brought}` },
    licenses: [{ license: { id: 'BSD-3-Clause' } }],
    hashes: [{ alg: 'SHA-256', content }],
  }
}

/** What the image has of Debian, for each architecture. */
export function packagesOf({ suite, packages }: Pins): Component[] {
  const architectures = ['x64', 'arm64'] as const
  return architectures.flatMap(architecture =>
    packages[architecture].map(({ name, version, sha256 }) => ({
      ...{ type: 'library', name, version },
      // As the specification of package URLs has it: a plus is %2B there.
      purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${GO_NAMES[architecture]}&distro=${suite}`,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
    })),
  )
}
