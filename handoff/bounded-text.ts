import { open } from 'node:fs/promises'
import { isMissing } from '../crash/system-error.ts'

/** The text of `file`; `null`: it is not there, or has more than `mostBytes`, as nothing of ours has. */
export async function boundedText(file: string, mostBytes: number): Promise<string | null> {
  try {
    await using handle = await open(file, 'r')
    return (await handle.stat()).size > mostBytes ? null : await handle.readFile('utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
