import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'

/** Empties where a contestant keeps what it takes. */
export function clear(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true, force: true })
}

/** Reports and locks beside the cores do not count. */
export function outputIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => path.basename(name).startsWith('core'))
    .map(name => path.join(folder, name))
    .filter(file => statSync(file).isFile())
}

export function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0)
}
