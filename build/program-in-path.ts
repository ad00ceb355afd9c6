import { existsSync } from 'node:fs'
import path from 'node:path'

/** Where in PATH the program lies; `null`: nowhere. */
export function programInPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.map(folder => path.join(folder, name)).find(file => existsSync(file)) ?? null
}
