import { MAIN_TEXT, PACKED_TEXTS } from './script-texts.ts'
import { Scripts } from './scripts.ts'

/**
 * A program in one file that any Node runs. Its scripts are texts in it, and one that is not asked for is not even
 * parsed: V8 takes 40 ms for a megabyte.
 */
new Scripts({
  text: name => (name === 'main' ? MAIN_TEXT : unpacked(name)),
  codeCache: () => null,
  startThread: missing,
}).run('main')

function unpacked(name: string): string {
  const packed = PACKED_TEXTS[name] ?? missing(name)
  const { inflateRawSync } = process.getBuiltinModule('node:zlib')
  return inflateRawSync(Buffer.from(packed, 'base64')).toString()
}

function missing(name: string): never {
  throw new Error(`Cannot run "${name}": it is not in this file`)
}
