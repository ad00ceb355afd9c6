/**
 * Compiles functions of the handler's scripts without calling them, and writes what V8 made of each script beside it,
 * as `<name>.cache`: the same each time, which what a run leaves behind is not.
 *
 * Arguments: the folder of the scripts, and a file that names the functions.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Debugger, Session } from 'node:inspector'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { Script } from 'node:vm'
import { compile } from '../executable/scripts.ts'
import type { Functions } from './called-functions.ts'
import { textsIn } from './folder-shelf.ts'
import { COMPILED_WHOLE } from './handler-scripts.ts'
import { TextLines } from './text-lines.ts'

const [folder = '', file = ''] = process.argv.slice(2)
const functions: Functions = JSON.parse(readFileSync(file, 'utf8'))
const session = new Session()

function main(): void {
  session.connect()
  const ids = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params }) => ids.set(params.url, params.scriptId))
  post('Debugger.enable')
  // What was compiled long ago would be forgotten.
  setFlagsFromString('--no-flush-bytecode')
  const names = [...COMPILED_WHOLE, ...Object.keys(functions)]
  const scripts = names.map(name => [name, load(name)] as const)
  for (const name of COMPILED_WHOLE) compileAll(ids.get(name) ?? '')
  for (const [name, ends] of Object.entries(functions)) compileFunctions(ids.get(name) ?? '', ends)
  post('Debugger.disable')
  // As it was: the flags are part of what V8 compares.
  setFlagsFromString('--flush-bytecode')
  for (const [name, script] of scripts)
    writeFileSync(path.join(folder, `${name}.cache`), script.createCachedData())
}

/** Makes the function that a script is, and does not call it: the debugger sees no script before. */
function load(name: string): Script {
  const script = compile(name, { ...textsIn(folder), codeCache: () => null })
  script.runInThisContext()
  return script
}

/** To say where one could stop in a text, V8 compiles all that is in it. */
function compileAll(scriptId: string): void {
  post('Debugger.getPossibleBreakpoints', { start: { scriptId, lineNumber: 0, columnNumber: 0 } })
}

/** To say where one could stop in a function, V8 compiles it, and those that it is in. */
function compileFunctions(scriptId: string, ends: readonly number[]): void {
  const { scriptSource } = post('Debugger.getScriptSource', {
    scriptId,
  }) as Debugger.GetScriptSourceReturnType
  const lines = new TextLines(scriptSource)
  const place = (offset: number) => ({ scriptId, ...lines.placeOf(offset) })
  for (const end of ends)
    post('Debugger.getPossibleBreakpoints', {
      ...{ start: place(end), end: place(end + 1), restrictToFunction: true },
    })
}

function post(method: string, params: object = {}): unknown {
  let answer: unknown
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(`Cannot compile: ${method}: ${JSON.stringify(error)}`)
    answer = result
  })
  return answer
}

main()
