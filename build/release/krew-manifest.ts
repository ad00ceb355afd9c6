import { stringify } from 'yaml'
import { REPOSITORY } from '../repository.ts'
import type { PluginArchive } from './plugin-archives.ts'

/** An archive as it is in a release. */
export interface ReleasedArchive extends PluginArchive {
  readonly file: string
  readonly sha256: string
}

/** What `kubectl krew install --manifest=` reads. */
export function krewManifest(version: string, archives: readonly ReleasedArchive[]): string {
  const platforms = archives.flatMap(({ machines, file, sha256, program }) =>
    machines.map(({ os, arch }) => ({
      selector: { matchLabels: { os, arch } },
      uri: `${REPOSITORY}/releases/download/v${version}/${file}`,
      sha256,
      bin: program,
    })),
  )
  const manifest = {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'coredog' },
    spec: { version: `v${version}`, homepage: REPOSITORY, ...WORDS, platforms },
  }
  return stringify(manifest, { lineWidth: 0 })
}

// Krew shows 50 characters of the first one.
const WORDS = {
  shortDescription: 'Find, explain and debug core dumps of pods',
  description: `Lists what crashed in the cluster, says why, and opens the core in gdb or lldb, with its programs and symbols,
also of pods that are gone. The cluster needs CoreDog; without coredog-api, or without a cluster, it reads the bucket
itself.
`,
  caveats: `On macOS it needs Node.js 22.15 or newer as "node" in the PATH.
To open a core it needs gdb or lldb; \`kubectl coredog debug --in-cluster\` needs none.
`,
}
