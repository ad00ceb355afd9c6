import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Shelf } from '../executable/scripts.ts'

/** The scripts that `folder` has, as they are built. No thread is started: what one would run is looked at here, too. */
export function textsIn(folder: string): Omit<Shelf, 'codeCache'> {
  return {
    text: name => readFileSync(path.join(folder, `${name}.cjs`), 'latin1'),
    startThread: name => {
      throw new Error(`no thread is started here, not for "${name}" either`)
    },
  }
}
