import type { Layout } from './layout.ts'

/** A structure, and what of it the table has. */
type Structures = readonly (readonly [string, readonly string[]])[]

/** Include/internal/pycore_runtime.h of 3.13: a word each, in this order, behind cookie, version and the next. */
const V3_13: Structures = [
  ['runtime', ['size', 'finalizing', 'interpreters']],
  [
    'interpreter',
    [
      'size',
      'id',
      'next',
      'threads',
      'gc',
      'imports',
      'sysdict',
      'builtins',
      'gil',
      'gilState',
      'gilEnabled',
      'gilLocked',
      'gilHolder',
    ],
  ],
  ['thread', ['size', 'prev', 'next', 'interpreter', 'frame', 'threadId', 'nativeId', 'dataStack', 'status']],
  ['frame', ['size', 'previous', 'code', 'instruction', 'locals', 'owner']],
  [
    'code',
    [
      'size',
      'file',
      'shortName',
      'name',
      'lines',
      'firstLine',
      'arguments',
      'localNames',
      'localKinds',
      'instructions',
    ],
  ],
  ['object', ['size', 'type']],
  ['type', ['size', 'name', 'repr', 'flags']],
  ['tuple', ['size', 'items', 'itemCount']],
  ['list', ['size', 'items', 'itemCount']],
  ['dict', ['size', 'keys', 'values']],
  ['float', ['size', 'value']],
  ['long', ['size', 'tag', 'digits']],
  ['bytes', ['size', 'count', 'content']],
  ['text', ['size', 'state', 'length', 'asciiSize']],
]

/** What Include/internal/pycore_debug_offsets.h of 3.14 has besides, behind which field, and of which structures. */
const NEW_IN_3_14: ReadonlyMap<string, readonly string[]> = new Map([
  ['interpreter.threads', ['mainThread']],
  ['interpreter.gilHolder', ['codeGeneration', 'copiesGeneration']],
  ['frame.owner', ['stackPointer', 'copyIndex']],
  ['code.instructions', ['copies']],
])
const SET: Structures[number] = ['set', ['size', 'used', 'table', 'mask']]

const V3_14: Structures = V3_13.flatMap(([structure, fields]) => {
  const all = fields.flatMap(field => [field, ...(NEW_IN_3_14.get(`${structure}.${field}`) ?? [])])
  return structure === 'dict' ? [SET, [structure, all] as const] : [[structure, all] as const]
})

const BY_MINOR: ReadonlyMap<number, Structures> = new Map([
  [13, V3_13],
  [14, V3_14],
])

const COOKIE = 'xdebugpy'
const [VERSION_AT, FREE_THREADED_AT, STRUCTURES_AT] = [8, 16, 24]
/**
 * The runtime's own state and that of an interpreter have some hundred KB, of which a word is read. Of all else as much
 * is read as its fields need, many times, while the process is held: a thread has half a KB.
 */
const [LARGEST_OF_STATE, LARGEST_OFFSET] = [1n << 20n, 4096n]
const STATES = /^(?:runtime|interpreter)\./

/**
 * By what an interpreter says of itself in `_Py_DebugOffsets`, at the beginning of `_PyRuntime`. `null`: it says
 * nothing, or it runs without its global lock, and keeps code and text in other ways.
 */
export function layoutByDebugOffsets(minor: number, version: bigint, runtime: Buffer): Layout | null {
  const structures = BY_MINOR.get(minor)
  if (structures === undefined || runtime.length < STRUCTURES_AT) return null
  if (runtime.toString('latin1', 0, COOKIE.length) !== COOKIE) return null
  if (runtime.readBigUInt64LE(VERSION_AT) !== version) return null
  if (runtime.readBigUInt64LE(FREE_THREADED_AT) !== 0n) return null
  const offsets = offsetsIn(runtime, structures)
  return offsets === null ? null : layoutBy(name => offsets.get(name) ?? 0)
}

function offsetsIn(runtime: Buffer, structures: Structures): ReadonlyMap<string, number> | null {
  const names = structures.flatMap(([structure, fields]) => fields.map(field => `${structure}.${field}`))
  if (runtime.length < STRUCTURES_AT + names.length * 8) return null
  const offsets = names.map((_, index) => runtime.readBigUInt64LE(STRUCTURES_AT + index * 8))
  const isTooLarge = (offset: bigint, index: number) =>
    offset > (STATES.test(names[index] ?? '') ? LARGEST_OF_STATE : LARGEST_OFFSET)
  if (offsets.some(isTooLarge)) return null
  return new Map(names.map((name, index) => [name, Number(offsets[index])]))
}

/** A text that is not ASCII has its characters where one of an older form has a pointer to them, at its end. */
const POINTER_BYTES = 8

function layoutBy(at: (name: string) => number): Layout {
  return {
    interpretersAt: at('runtime.interpreters'),
    interpreter: { nextAt: at('interpreter.next'), threadsAt: at('interpreter.threads') },
    thread: {
      nextAt: at('thread.next'),
      frameAt: [at('thread.frame')],
      threadIdAt: at('thread.threadId'),
      nativeIdAt: at('thread.nativeId'),
    },
    frame: {
      previousAt: at('frame.previous'),
      codeAt: at('frame.code'),
      instructionAt: at('frame.instruction'),
      ownerAt: at('frame.owner'),
    },
    code: {
      fileAt: at('code.file'),
      nameAt: at('code.name'),
      linesAt: at('code.lines'),
      firstLineAt: at('code.firstLine'),
      instructionsAt: at('code.instructions'),
    },
    typeAt: at('object.type'),
    bytes: { sizeAt: at('bytes.count'), contentAt: at('bytes.content') },
    text: {
      lengthAt: at('text.length'),
      stateAt: at('text.state'),
      asciiAt: at('text.asciiSize'),
      othersAt: at('text.size') - POINTER_BYTES,
    },
  }
}
