import { isOwnJavaMethod } from '../own-java-method.ts'
import { isOwnPythonFile } from '../own-python-file.ts'
import type { FunctionName } from './function-at.ts'

/** A function that a just-in-time compiler made code of, as its perf map calls it. */
export interface CompiledFunction extends Pick<FunctionName, 'name' | 'file' | 'line'> {
  /** Whether it is the program's, and not of what the language brings along. */
  readonly isOwn: boolean
}

/** As long as they are in other tables of symbols. */
const LONGEST_NAME = 512

/** By the maker of the map; how far a compiler went with a function is left out. */
export function compiledFunction(text: string): CompiledFunction {
  const named = text.slice(0, LONGEST_NAME)
  return ofV8(named) ?? ofPython(named) ?? ofDotnet(named) ?? ofJava(named) ?? { name: named, isOwn: false }
}

/** `JS:*total /app/cart.js:10:5`: `~` is interpreted, `^`, `+` and `*` were compiled, `'` for one context. */
const V8 = /^(JS|Script|Eval|Function|LazyCompile|RegExp):[~^+*]?'?(\S*)(?: (.*))?$/
const V8_PLACE = /^(?:file:\/\/)?(.*?)(?::(\d{1,9})(?::(\d{1,9}))?)?$/

function ofV8(text: string): CompiledFunction | null {
  const [, kind = '', name = '', place = ''] = V8.exec(text) ?? []
  if (kind === '' || kind === 'RegExp') return null
  const [, file = '', numeral] = V8_PLACE.exec(place) ?? []
  const line = Number(numeral)
  const called = name || (kind === 'JS' || kind === 'LazyCompile' ? '(anonymous)' : '(top level)')
  return {
    name: called,
    ...(file !== '' && { file }),
    ...(line > 0 && { line }),
    isOwn: file !== '' && !/^(?:node|native|ext):/.test(file),
  }
}

/** `py::total:/app/cart.py`, of CPython with `-X perf`. */
function ofPython(text: string): CompiledFunction | null {
  const [, name = '', file = ''] = /^py::([^:]*):(.*)$/.exec(text) ?? []
  return file === '' ? null : { name, file, isOwn: isOwnPythonFile(file) }
}

/** `instance int32 [shop] Cart::Total(int32)[OptimizedTier1]`: what stands in the first brackets is the assembly. */
const DOTNET = /^(?:[^[\]]{1,200} )?\[([^\]]{1,200})\] (\S.*?)(?:\[[A-Za-z]\w{1,30}\])?$/

function ofDotnet(text: string): CompiledFunction | null {
  const [, assembly = '', name = ''] = DOTNET.exec(text) ?? []
  if (!name.includes('::')) return null
  return { name, isOwn: !/^(?:System|Microsoft|mscorlib|netstandard)\b/.test(assembly) }
}

/** `int com.example.Cart.total(int)`; what has no arguments is the JVM's own. */
const JAVA = /^[\w.$[\]]{1,200} ([\w.$]{1,300}\.[\w$<>]{1,100}\(.*)$/

function ofJava(text: string): CompiledFunction | null {
  const name = JAVA.exec(text)?.[1]
  return name === undefined ? null : { name, isOwn: isOwnJavaMethod(name) }
}
