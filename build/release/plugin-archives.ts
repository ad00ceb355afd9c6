import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { builtFiles, KUBECTL_COREDOG } from '../built-files.ts'
import { ROOT } from '../bundle.ts'
import type { Architecture } from '../node-binary.ts'
import { GO_NAMES } from '../oci-archive.ts'
import { officialNode } from '../official-node.ts'

/** kubectl coredog as people load it down, for machines of these kinds. */
export interface PluginArchive {
  readonly platform: string
  readonly machines: readonly Machine[]
  /** The program in it. */
  readonly program: string
}

export interface Machine {
  readonly os: 'linux' | 'darwin'
  readonly arch: 'amd64' | 'arm64'
}

/** For any machine that has Node.js: we build no executable for macOS, which would have to be signed by Apple. */
export const WITH_NODE: PluginArchive = {
  platform: 'node',
  machines: [
    { os: 'darwin', arch: 'amd64' },
    { os: 'darwin', arch: 'arm64' },
  ],
  program: 'kubectl-coredog.js',
}

/** That brings its own Node.js. */
export function archiveFor(architecture: Architecture): PluginArchive {
  const arch = GO_NAMES[architecture]
  return { platform: `linux-${arch}`, machines: [{ os: 'linux', arch }], program: 'kubectl-coredog' }
}

/** What is in each, of what `npm run build` has made. */
export async function contentsFor(architecture: Architecture): Promise<readonly Content[]> {
  const { program } = archiveFor(architecture)
  return [
    { name: program, content: await readFile(builtFiles(architecture).kubectlCoredog), mode: 0o755 },
    { name: 'LICENSE.node', content: await readFile(path.join(await officialNode(architecture), 'LICENSE')) },
    ...(await always()),
  ]
}

export async function contentsWithNode(): Promise<readonly Content[]> {
  return [
    { name: WITH_NODE.program, content: await readFile(KUBECTL_COREDOG.script), mode: 0o755 },
    // Else Node looks for one in the folders above, and may find that of a project of ES modules.
    { name: 'package.json', content: Buffer.from('{ "type": "commonjs" }\n') },
    ...(await always()),
  ]
}

/** A file in an archive. */
export interface Content {
  readonly name: string
  readonly content: Uint8Array
  readonly mode?: number
}

async function always(): Promise<readonly Content[]> {
  const { licenses, completion } = KUBECTL_COREDOG
  return [
    { name: path.basename(completion), content: await readFile(completion), mode: 0o755 },
    { name: 'LICENSE', content: await readFile(path.join(ROOT, 'LICENSE')) },
    { name: 'NOTICE', content: await readFile(path.join(ROOT, 'NOTICE')) },
    { name: 'LICENSES.txt', content: await readFile(licenses) },
  ]
}

/** Of one commit the same, byte for byte. */
export async function writePluginArchive(
  file: string,
  contents: readonly Content[],
  date: Date,
): Promise<void> {
  const entries = contents.map(({ name, content, mode = 0o644 }) => ({
    header: { name, size: content.length, mtime: date, mode, uid: 0, gid: 0 },
    body: content,
  }))
  await writeFile(file, gzipSync(await packTar(entries), { level: constants.Z_BEST_COMPRESSION }))
}
