/**
 * Fails if V8 does not take one of the code caches of the scripts in a folder, the only argument. In a process of its
 * own, under the flags of the handler.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { compile, type Shelf } from '../executable/scripts.ts'
import { SCRIPT_NAMES } from './handler-scripts.ts'

const [folder = ''] = process.argv.slice(2)

const shelf: Shelf = {
  text: name => readFileSync(path.join(folder, `${name}.cjs`), 'latin1'),
  codeCache: name => {
    const bytes = readFileSync(path.join(folder, `${name}.cache`))
    return bytes.length === 0 ? null : bytes
  },
  startThread: () => {
    throw new Error('nothing is run here')
  },
}

for (const name of SCRIPT_NAMES)
  if (compile(name, shelf).cachedDataRejected)
    throw new Error(`Cannot use the code cache of "${name}": V8 does not take it`)
