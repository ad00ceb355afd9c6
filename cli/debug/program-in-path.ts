import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** Where a program of this machine is; `null`: it is not in the PATH. */
export function programInPath(
  { PATH = '' }: Readonly<Record<string, string | undefined>>,
  name: string,
): string | null {
  const folders = PATH.split(path.delimiter).filter(folder => path.isAbsolute(folder))
  return folders.map(folder => path.join(folder, name)).find(isProgram) ?? null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    // It is not there, or not ours to run.
    return false
  }
}
