import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/**
 * Writes a program of our Node that can be started by its name. Its interpreter is a link beside it, because
 * the kernel ends an interpreter's name at the first blank, and a clone may lie below a folder with one.
 */
export function writeNodeProgram(file: string, script: string): void {
  const node = path.join(path.dirname(file), 'node')
  if (!existsSync(node)) symlinkSync(process.execPath, node)
  writeFileSync(file, `#!${node}\n${script}\n`, { mode: 0o755 })
}
