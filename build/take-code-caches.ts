/**
 * Fails if V8 does not take one of the code caches of the scripts in a folder, or if there is none of a script that has to
 * have one. In a process of its own, under the flags of the handler.
 *
 * Arguments: the folder, and a file that names the functions of which there has to be code.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { compile, type Shelf } from '../executable/scripts.ts'
import type { Functions } from './called-functions.ts'
import { textsIn } from './folder-shelf.ts'
import { COMPILED_WHOLE, SCRIPT_NAMES } from './handler-scripts.ts'

const [folder = '', file = ''] = process.argv.slice(2)
const functions: Functions = JSON.parse(readFileSync(file, 'utf8'))
const needed = [...COMPILED_WHOLE, ...Object.keys(functions)]

const shelf: Shelf = {
  ...textsIn(folder),
  codeCache: name => {
    const bytes = readFileSync(path.join(folder, `${name}.cache`))
    return bytes.length === 0 ? null : bytes
  },
}

for (const name of SCRIPT_NAMES) {
  if (needed.includes(name) && shelf.codeCache(name) === null)
    throw new Error(`Cannot use the code cache of "${name}": it is empty`)
  if (compile(name, shelf).cachedDataRejected)
    throw new Error(`Cannot use the code cache of "${name}": V8 does not take it`)
}
