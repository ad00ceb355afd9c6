import { plain } from '../../untrusted/plain-text.ts'
import type { Reason } from './reason-code.ts'
import type { RustPanic } from './rust-panic.ts'
import { reasonOfWay, WHILE_PANICKING, WITHOUT_UNWINDING } from './way-to-abort.ts'

const LONGEST_MESSAGE = 200
const LONGEST_PLACE = 80

/** What std says of a panic that ended another one (library/core/src/panicking.rs), and where: in std. */
const OF_STD: readonly (readonly [RegExp, string])[] = [
  [/^panic in a destructor during cleanup$/, WHILE_PANICKING],
  [/^panic in a function that cannot unwind$/, WITHOUT_UNWINDING],
]

/** What it said and where; where it said nothing, what the functions on the stack say. */
export function reasonOfRustPanic({ place, words }: RustPanic, functions: readonly string[]): Reason {
  const second = OF_STD.find(([pattern]) => words !== undefined && pattern.test(words))
  if (second !== undefined) return { code: 'panic', sentence: second[1] }
  const way = reasonOfWay(functions)
  const kind = way?.code === 'panic' ? way.sentence : 'Rust panic'
  const said = words === undefined ? kind : `Rust panic: ${plain(words, LONGEST_MESSAGE)}`
  return { code: 'panic', sentence: `${said} (${nearEnd(place)})` }
}

/** As the standard library prints it, in one line. */
export function messageOfRustPanic({ place, words }: RustPanic): string {
  return `panicked at ${place}${words === undefined ? '' : `: ${words}`}`
}

/** The end of a path tells which file it is. */
function nearEnd(place: string): string {
  const folders = place.split('/')
  let [last = '', ...before] = folders.reverse()
  for (const folder of before) {
    if (last.length + folder.length + 1 > LONGEST_PLACE) return `…/${plain(last, LONGEST_PLACE)}`
    last = `${folder}/${last}`
  }
  return last
}
