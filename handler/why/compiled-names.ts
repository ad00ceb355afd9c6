import { type CompiledFunction, compiledFunction } from '../../crash/symbols/compiled-function.ts'
import { namesInPerfMap } from '../../crash/symbols/perf-map.ts'
import type { Frame } from '../../crash/unwind/walk.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import type { Evidence } from './evidence.ts'
import { fileIn } from './file-in.ts'

/** Names for code that lies in no file, by the address that frames are looked up by. */
export type CompiledNames = ReadonlyMap<bigint, CompiledFunction>

/** The file of a function stands behind its name. */
const LONGEST_NAME = 1024

export const NO_COMPILED_NAMES: CompiledNames = new Map()

/** As far as its runtime has written them down for perf(1). */
export function compiledNames({ runtimeFiles = [] }: Evidence, frames: readonly Frame[]): CompiledNames {
  const map = runtimeFiles.find(({ kind }) => kind === 'perf-map')
  const addresses = frames.filter(({ module }) => module === null).map(({ lookupAddress }) => lookupAddress)
  if (map === undefined || addresses.length === 0) return NO_COMPILED_NAMES
  const names = namesInPerfMap(fileIn(map), addresses)
  const shown = (name: Buffer) => plain(shownText(name), LONGEST_NAME)
  return new Map([...names].map(([address, name]) => [address, compiledFunction(shown(name))]))
}
