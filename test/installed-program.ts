import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** A program of .ci/install's, in the directory of `go install` or on PATH; `null` where there is none. */
export function findProgram(name: string): string | null {
  const folders = [...goFolders(), ...(process.env.PATH ?? '').split(path.delimiter)]
  return folders.map(folder => path.join(folder, name)).find(isExecutable) ?? null
}

function goFolders(): string[] {
  try {
    const [bin = '', home = ''] = execFileSync('go', ['env', 'GOBIN', 'GOPATH'], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).split('\n')
    return [bin || path.join(home, 'bin')]
  } catch {
    // No Go here, so no folder of it either.
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // That is the question we asked.
    return false
  }
}
