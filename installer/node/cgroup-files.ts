import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { orIfMissing } from '../../crash/system-error.ts'

export async function setFile(file: string, value: string): Promise<void> {
  try {
    await writeFile(file, value)
  } catch (cause) {
    throw new OperatorError(
      `Cannot write "${value}" to "${file}": ${messageOf(cause)}`,
      "Run the installer privileged; crashes are collected all the same, without a limit on the handler's own use.",
      cause,
    )
  }
}

/** The processes that are in the cgroup; none where there is no such cgroup. */
export async function pidsIn(folder: string): Promise<readonly string[]> {
  return wordsOf(await readFile(path.join(folder, 'cgroup.procs'), 'utf8').catch(orIfMissing('')))
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '')
}
