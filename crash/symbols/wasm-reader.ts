const LAST_PLAIN = 0xc4
const PREFIXED = 0xfc

/** How many numbers follow an instruction in its code (WebAssembly 2.0, 5.4), if those are all that does. */
const NUMBERS_BEHIND: ReadonlyMap<number, number> = new Map([
  // block, loop, if; br, br_if, call, call_indirect
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10].map(code => [code, 1] as const),
  [0x11, 2],
  // local.get to table.set; loads and stores; memory.size, memory.grow; i32.const, i64.const
  ...range(0x20, 0x26).map(code => [code, 1] as const),
  ...range(0x28, 0x3e).map(code => [code, 2] as const),
  ...[0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].map(code => [code, 1] as const),
])
/** Of those that begin with {@link PREFIXED}: eight conversions, then memory.init to table.fill. */
const NUMBERS_BEHIND_PREFIXED = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]
const [BR_TABLE, SELECT_OF_TYPE, F32_CONST, F64_CONST] = [0x0e, 0x1c, 0x43, 0x44]
const OTHERS_WITH_NOTHING = [0xd1]

/** Reads WebAssembly of a package that we know: it is no tenant's. */
export class WasmReader {
  readonly #code: Buffer
  at: number

  constructor(code: Buffer, at = 0) {
    this.#code = code
    this.at = at
  }

  get isAtEnd(): boolean {
    return this.at >= this.#code.length
  }

  byte(): number {
    return this.#code.readUInt8(this.at++)
  }

  /** In LEB128. The sign of one that has it, and what is beyond 32 bits, is lost. */
  number(): number {
    let [value, shift, byte] = [0, 0, 0]
    do {
      byte = this.byte()
      value |= (byte & 0x7f) << shift
      shift += 7
    } while ((byte & 0x80) !== 0)
    return value >>> 0
  }

  bytes(lengthBytes: number): Buffer {
    this.at += lengthBytes
    return this.#code.subarray(this.at - lengthBytes, this.at)
  }

  /** Its first byte; goes behind the whole. Throws where it is one that we do not know. */
  instruction(): number {
    const code = this.byte()
    if (code === BR_TABLE || code === SELECT_OF_TYPE)
      this.#numbers(this.number() + (code === BR_TABLE ? 1 : 0))
    else if (code === F32_CONST || code === F64_CONST) this.bytes(code === F32_CONST ? 4 : 8)
    else this.#numbers(code === PREFIXED ? NUMBERS_BEHIND_PREFIXED[this.number()] : numbersBehind(code))
    return code
  }

  #numbers(count: number | undefined): void {
    if (count === undefined) throw new Error(`Cannot read WebAssembly: unknown instruction before ${this.at}`)
    for (let index = 0; index < count; index += 1) this.number()
  }
}

function numbersBehind(code: number): number | undefined {
  const isKnown =
    (code <= LAST_PLAIN && !(code >= 0x05 && code < 0x0b) && !(code >= 0x12 && code < 0x1a)) || code === 0x05
  return NUMBERS_BEHIND.get(code) ?? (isKnown || OTHERS_WITH_NOTHING.includes(code) ? 0 : undefined)
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
