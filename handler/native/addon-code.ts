import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What the addon is made of: `npm run build` makes it. */
export const ADDON_SOURCES = ['addon.c', 'isal.txt'].map(name => path.join(import.meta.dirname, name))

/** How it is made of them, and what is asked of it. */
const RECIPE = ['addon.ts', 'addon-needs.ts'].map(name => path.join(import.meta.dirname, '../../build', name))

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/coredog')

/** Where the addon lies that was made of the sources as they are, if it was. `architecture` is Node's word. */
export function addonFile(architecture: string): string {
  const key = createHash('sha256')
  for (const source of [...ADDON_SOURCES, ...RECIPE]) key.update(readFileSync(source))
  return path.join(CACHE, `addon-${architecture}-${key.digest('hex').slice(0, 16)}.node`)
}

/** `null`: there is none. Once the handler is built it lies within it, and build/addon-asset.ts puts that here. */
export function addonCode(): Buffer | null {
  const file = addonFile(process.arch)
  return existsSync(file) ? readFileSync(file) : null
}
