import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** The licenses of the packages that `files` are of, as those want it who pass them on. */
export async function licensesOf(files: readonly string[]): Promise<string> {
  const folders = new Set(files.flatMap(file => folderOf(file) ?? []))
  const texts = await Promise.all([...folders].map(textOf))
  return [...new Set(texts)].toSorted().join(`\n${'-'.repeat(80)}\n\n`)
}

/** Of the package, which may lie in another one. */
function folderOf(file: string): string | null {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? []
  return folder ?? null
}

async function textOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'))
  const names = (await readdir(folder)).filter(file => /^(?:licen[cs]e|copying|notice)(?:\b|-)/i.test(file))
  const texts = await Promise.all(names.toSorted().map(file => readFile(path.join(folder, file), 'utf8')))
  const [first = `It comes with no text of its license, ${license}.\n`, ...others] = texts
  return [`${name} ${version}: ${license}\n`, first, ...others].join('\n')
}
