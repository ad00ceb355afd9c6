import type { CoreHead } from './core-head.ts'
import { PF_X } from './elf.ts'
import type { MappedFile } from './mapped-file.ts'

/** The mapped files that have code in them, by their paths: each with all of its mappings. */
export function codeFiles({
  files,
  segments,
}: Pick<CoreHead, 'files' | 'segments'>): ReadonlyMap<string, readonly MappedFile[]> {
  const code = new Set(segments.filter(({ flags }) => (flags & PF_X) !== 0).map(({ address }) => address))
  const byPath = Map.groupBy(files, ({ path }) => path)
  for (const [path, ranges] of byPath) if (!ranges.some(({ start }) => code.has(start))) byPath.delete(path)
  return byPath
}
