import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Contents } from './first-difference.ts'

/** What a build has left in `dist`: what others are made of comes before them. */
export async function madeFiles(dist: string): Promise<Contents> {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name))
  const ordered = files.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
  const read = ordered.map(async file => [path.relative(dist, file), await readFile(file)] as const)
  return new Map(await Promise.all(read))
}

const MADE_OF = [
  ...[/\.cjs$/, /kubectl-coredog\.js$/, /addon\.node$/, /called-functions\.json$/, /\.cache$/],
  /(?:coredog-handler|kubectl-coredog)$/,
]

function rankOf(file: string): number {
  const rank = MADE_OF.findIndex(pattern => pattern.test(file))
  return rank === -1 ? MADE_OF.length : rank
}
