import type { GoTable } from './go-table.ts'
import { goValueAt } from './go-values.ts'

/** Where an instruction came from: a function that was inlined into another one has such a place, too. */
export interface GoSource {
  readonly name: string
  readonly file?: string
  readonly line?: number
}

/** What the compiler says of inlined functions: the index of a value of each instruction, and that of a list. */
const [INLINED_VALUES, INLINED_LIST] = [2, 3]
const NOTHING = 0xffffffff
/** Most tables of values are short; the second is more than those of the largest functions have. */
const VALUES_BYTES = [512, 64 << 10]
const VALUE_BYTES_A_STEP = 4
const MOST_INLINED = 32
const INLINED_BYTES = 16

/** A function in Go's table (runtime._func). */
export class GoFunction {
  readonly start: bigint
  readonly #table: GoTable
  readonly #record: number
  /** Of its fields behind the address, all of four bytes; two lists of offsets follow. */
  readonly #fields: Buffer

  private constructor(table: GoTable, start: bigint, record: number, fields: Buffer) {
    this.start = start
    this.#table = table
    this.#record = record
    this.#fields = fields
  }

  /** The one that holds `address`. */
  static at(table: GoTable, address: bigint): GoFunction | null {
    const wanted = Number(address - table.textStart)
    const index = table.lastUpTo(wanted)
    const entry = index === null ? null : table.entry(index)
    if (entry === null) return null
    const record = table.header.functions + entry.record + table.header.entryBytes
    const fields = table.read(record, table.header.isSince120 ? 40 : 36)
    return fields && new GoFunction(table, table.textStart + BigInt(entry.start), record, fields)
  }

  /** What `address` came from; before that, the innermost first, what was inlined there (since Go 1.20). */
  sources(address: bigint): readonly GoSource[] {
    const sources: GoSource[] = []
    let at = Number(address - this.start)
    while (sources.length < MOST_INLINED) {
      const call = this.#inlinedAt(at)
      if (call === null) break
      sources.push({ name: call.name, ...this.#lineAt(at) })
      at = call.from
    }
    const name = this.#table.text(this.#table.header.names + this.#field(0))
    return name === null ? [] : [...sources, { name, ...this.#lineAt(at) }]
  }

  #lineAt(at: number): Pick<GoSource, 'file' | 'line'> {
    const { units, files } = this.#table.header
    const [number, line] = [this.#valueAt(this.#field(16), at), this.#valueAt(this.#field(20), at)]
    if (number === null || line === null || number < 0) return {}
    const file = this.#table.uint32(units + (this.#field(28) + number) * 4)
    const text = file === null || file === NOTHING ? null : this.#table.text(files + file)
    return text === null ? {} : { file: text, line }
  }

  /** runtime.inlinedCall: what it is called, and where in this function it was called from. */
  #inlinedAt(at: number): { readonly name: string; readonly from: number } | null {
    const [valuesCount, dataCount] = [this.#field(24), this.#fields.at(-1) ?? 0]
    const list = this.#record + this.#fields.length
    const values = valuesCount > INLINED_VALUES ? this.#table.uint32(list + INLINED_VALUES * 4) : null
    const index = values === null ? null : this.#valueAt(values, at)
    if (index === null || index < 0 || dataCount <= INLINED_LIST) return null
    const data = this.#table.uint32(list + (valuesCount + INLINED_LIST) * 4)
    const call = data === null || data === NOTHING ? null : this.#inlined(data, index)
    const name = call === null ? null : this.#table.text(this.#table.header.names + call.readUInt32LE(4))
    return call === null || name === null ? null : { name, from: call.readUInt32LE(8) }
  }

  #inlined(data: number, index: number): Buffer | null {
    const all = this.#table.functionData()
    return all === null
      ? null
      : this.#table.image.loaded(all + BigInt(data) + BigInt(index * INLINED_BYTES), INLINED_BYTES)
  }

  #valueAt(offset: number, at: number): number | null {
    const { values, quantumBytes } = this.#table.header
    for (const lengthBytes of offset === 0 ? [] : VALUES_BYTES) {
      if (!this.#table.effort.spend(lengthBytes / VALUE_BYTES_A_STEP)) return null
      const bytes = this.#table.read(values + offset, lengthBytes)
      const value = bytes && goValueAt({ bytes, quantumBytes }, at)
      if (value !== null) return value
    }
    return null
  }

  #field(at: number): number {
    return this.#fields.readUInt32LE(at)
  }
}
