import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import type { Architecture } from '../node-binary.ts'
import { sha256 } from './checksums.ts'
import { krewManifest } from './krew-manifest.ts'
import {
  archiveFor,
  type Content,
  contentsFor,
  contentsWithNode,
  type PluginArchive,
  WITH_NODE,
  writePluginArchive,
} from './plugin-archives.ts'
import { FILE_NAMES, type Release } from './release.ts'

/** kubectl coredog for each kind of machine, of what `npm run build` has made. */
export async function packPlugin(
  release: Pick<Release, 'files' | 'version'>,
  architectures: readonly Architecture[],
  date: Date,
): Promise<void> {
  const each = architectures.map(async one => [archiveFor(one), await contentsFor(one)] as const)
  await writePlugin(release, [...(await Promise.all(each)), [WITH_NODE, await contentsWithNode()]], date)
}

/** The archives, and what Krew installs them by. */
export async function writePlugin(
  { files, version }: Pick<Release, 'files' | 'version'>,
  archives: readonly (readonly [PluginArchive, readonly Content[]])[],
  date: Date,
): Promise<void> {
  const written = archives.map(async ([archive, contents]) => {
    const file = FILE_NAMES.plugin(archive.platform)
    await writePluginArchive(path.join(files, file), contents, date)
    return { ...archive, file, sha256: await sha256(path.join(files, file)) }
  })
  await writeFile(path.join(files, FILE_NAMES.krew), krewManifest(version, await Promise.all(written)))
}

/** Whether Krew would take the files that are there. */
export async function* verifyPlugin({ files }: Pick<Release, 'files'>): AsyncGenerator<string> {
  const text = await readFile(path.join(files, FILE_NAMES.krew), 'utf8')
  const { spec }: { spec: { platforms: readonly { uri: string; sha256: string }[] } } = parse(text)
  for (const { uri, sha256: said } of spec.platforms) {
    const name = path.posix.basename(uri)
    const is = await sha256(path.join(files, name))
    if (is !== said) throw new Error(`Cannot trust ${FILE_NAMES.krew}: ${name} is ${is}, and not ${said}`)
  }
  yield `${FILE_NAMES.krew}: ${spec.platforms.length} kinds of machines, by the archives that were made`
}
