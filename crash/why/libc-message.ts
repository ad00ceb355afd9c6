import { plain } from '../../untrusted/plain-text.ts'

const LONGEST_MESSAGE = 200
const LONGEST_PLACE = 80

/** `app: dir/two.c:4: check: Assertion `b >= 0' failed.` (glibc, assert/assert.c); program and function may be missing. */
const ASSERTION = /(?:^|[ /])([^ /:]{1,200}:\d{1,9}): (?:(.{1,400}): )?(Assertion `.{1,1500}' failed)\.?$/

/** What glibc says of a bug that it found (malloc/malloc.c, debug/), the most telling first. */
const FINDINGS: readonly (readonly [RegExp, string])[] = [
  [/stack smashing detected/, 'a function wrote past the end of a local buffer'],
  [/buffer overflow detected/, 'a function of libc was about to write past the end of a buffer'],
  [/double free/, 'memory was freed twice'],
  [
    /^(?:munmap_chunk\(\)|free\(\)|realloc\(\)): invalid (?:pointer|old size)/,
    'what was freed is no memory of malloc()',
  ],
  [
    /^(?:mal|re|c)loc|^free\(\)|^malloc_|^corrupted |^invalid fastbin|^largebin|^unsorted|^break adjusted|^sysmalloc/,
    'memory of malloc() was overwritten, earlier and maybe elsewhere',
  ],
]

/** A sentence of what libc said before it aborted, without what it says of every program. */
export function sentenceOfLibc(message: string): string {
  const assertion = ASSERTION.exec(message)
  if (assertion !== null) return sentenceOfAssertion(assertion)
  const said = short(message)
  const finding = FINDINGS.find(([pattern]) => pattern.test(message))
  return finding === undefined ? `aborted: ${said}` : `${finding[1]} (${said})`
}

function sentenceOfAssertion([, place = '', name, assertion = '']: readonly (string | undefined)[]): string {
  const where = name === undefined ? '' : ` in ${plain(name, LONGEST_PLACE)}`
  return `${plain(assertion, LONGEST_MESSAGE)}${where} (${plain(place, LONGEST_PLACE)})`
}

/** A sentence has no period at its end, nor the stars and the end that libc writes for a terminal. */
function short(message: string): string {
  const bare = message.replace(/^\*\*\* (.*) \*\*\*(?:: terminated)?$/, '$1')
  return plain(bare, LONGEST_MESSAGE).replace(/\.$/, '')
}
