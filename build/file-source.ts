import { readFile } from 'node:fs/promises'
import { orIfMissing } from '../crash/system-error.ts'

/** Where files of the image come from. */
export interface FileSource {
  /** `file` is absolute, as in the image. `null`: there is none. */
  read(file: string): Promise<Buffer | null>
}

export const THIS_MACHINE: FileSource = { read: file => readFile(file).catch(orIfMissing(null)) }
