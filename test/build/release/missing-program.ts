import { existsSync } from 'node:fs'
import path from 'node:path'

/** The first of `names` that this machine does not have. */
export function missingProgram(...names: readonly string[]): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const isThere = (name: string) => folders.some(folder => existsSync(path.join(folder, name)))
  return names.find(name => !isThere(name)) ?? null
}
