import { WasmReader } from './wasm-reader.ts'

/** What the counted code exports: how many steps are left to it, an i32 that is set before it is called. */
export const STEPS_LEFT = 'steps_left'

const HEADER_BYTES = 8
const [MEMORY, GLOBAL, EXPORT, CODE] = [5, 6, 7, 10]
const LOOP = 0x03
const [WITHOUT_LIMIT, WITH_LIMIT] = [0, 1]
/** (mut i32), of 0 */
const NO_STEPS = Buffer.from('7f0141000b', 'hex')
const EXPORTED_GLOBAL = 3

/**
 * The same WebAssembly with two limits: of its memory, in pages of 64 KiB, and of its work. A step is the call of
 * a function or a turn of a loop; at the last one it traps. So what it does is a matter of what it is given, and
 * not of how busy the machine is. Throws if the code is not as that of the demangler is.
 */
export function countedCode(code: Buffer, mostPages: number): Buffer {
  const reader = new WasmReader(code, HEADER_BYTES)
  const parts = [code.subarray(0, HEADER_BYTES)]
  let steps: number | undefined
  while (!reader.isAtEnd) {
    const kind = reader.byte()
    const section = reader.bytes(reader.number())
    if (kind === GLOBAL) steps = new WasmReader(section).number()
    parts.push(Buffer.from([kind]), sized(rewritten(kind, section, { mostPages, steps })))
  }
  return Buffer.concat(parts)
}

function rewritten(
  kind: number,
  section: Buffer,
  { mostPages, steps }: { readonly mostPages: number; readonly steps: number | undefined },
): Buffer {
  if (kind === MEMORY) return limitedMemory(section, mostPages)
  if (kind === GLOBAL) return withOneMore(section, NO_STEPS)
  if (kind !== EXPORT && kind !== CODE) return section
  // The order of sections is fixed, and this program imports no globals.
  if (steps === undefined) throw new Error('Cannot count the steps of WebAssembly: it has no globals')
  if (kind === CODE) return countedFunctions(section, spent(steps))
  const name = Buffer.from(STEPS_LEFT)
  return withOneMore(section, Buffer.concat([sized(name), Buffer.from([EXPORTED_GLOBAL]), leb(steps)]))
}

/** The module says how much memory it begins with, and not how much it may have. */
function limitedMemory(section: Buffer, mostPages: number): Buffer {
  const [count, kind, pages = 0] = section
  if (section.length !== 3 || count !== 1 || kind !== WITHOUT_LIMIT)
    throw new Error('Cannot limit the memory of WebAssembly: it has another one than expected')
  return Buffer.concat([Buffer.from([count, WITH_LIMIT]), leb(pages), leb(mostPages)])
}

function withOneMore(section: Buffer, entry: Buffer): Buffer {
  const reader = new WasmReader(section)
  const count = reader.number()
  return Buffer.concat([leb(count + 1), section.subarray(reader.at), entry])
}

function countedFunctions(section: Buffer, spend: Buffer): Buffer {
  const reader = new WasmReader(section)
  const count = reader.number()
  const bodies = Array.from({ length: count }, () =>
    sized(countedFunction(reader.bytes(reader.number()), spend)),
  )
  return Buffer.concat([leb(count), ...bodies])
}

function countedFunction(body: Buffer, spend: Buffer): Buffer {
  const reader = new WasmReader(body)
  const groups = reader.number()
  // Of local variables: how many, and their type.
  for (let group = 0; group < groups; group += 1) [reader.number(), reader.byte()]
  const parts = [body.subarray(0, reader.at), spend]
  let from = reader.at
  while (!reader.isAtEnd) {
    if (reader.instruction() !== LOOP) continue
    parts.push(body.subarray(from, reader.at), spend)
    from = reader.at
  }
  return Buffer.concat([...parts, body.subarray(from)])
}

/** steps = steps - 1; if (steps == 0) unreachable */
function spent(steps: number): Buffer {
  const [get, set] = [Buffer.from([0x23, ...leb(steps)]), Buffer.from([0x24, ...leb(steps)])]
  return Buffer.concat([get, Buffer.from([0x41, 0x01, 0x6b]), set, get, Buffer.from('450440000b', 'hex')])
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([leb(bytes.length), bytes])
}

function leb(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>>= 7
  } while (rest > 0)
  return Buffer.from(bytes)
}
