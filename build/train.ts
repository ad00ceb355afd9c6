/**
 * Runs the handler's scripts once, as a crash would, and writes what V8 compiled meanwhile beside them. In a
 * process of its own: the handler is one, and V8 wants the caches made under the flags under which it takes
 * them.
 *
 * Arguments: the folder of the scripts, a CRI socket, the id of a container there, and the handler's own.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { compile, Scripts, type Shelf } from '../handler/scripts.ts'
import type { trainBeside } from './training.ts'

const [folder = '', criSocket = '', containerId = '', ...handlerArguments] = process.argv.slice(2)

const text: Shelf['text'] = name => readFileSync(path.join(folder, `${name}.cjs`), 'latin1')
const startThread: Shelf['startThread'] = () => {
  throw new Error('what it runs is trained here')
}
const shelf = { text, codeCache: () => null, startThread }
const scripts = new Scripts(shelf)

process.on('exit', status => {
  if (status !== 0) return
  // As it was: the flags are part of what V8 compares.
  setFlagsFromString('--flush-bytecode')
  for (const [name, codeCache] of scripts.codeCaches()) {
    if (compile(name, { ...shelf, codeCache: () => codeCache }).cachedDataRejected)
      throw new Error(`Cannot use the code cache of "${name}": V8 does not take it`)
    writeFileSync(path.join(folder, `${name}.cache`), codeCache)
  }
})

// What was called long ago would be forgotten.
setFlagsFromString('--no-flush-bytecode')
const { trainBeside: train } = scripts.run('training') as { trainBeside: typeof trainBeside }
await train(criSocket, containerId)
process.argv = [process.argv0, process.argv0, ...handlerArguments]
scripts.run('main')
