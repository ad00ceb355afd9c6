/**
 * The little of Protocol Buffers that CRI takes (protobuf.dev/programming-guides/encoding): what a program sends us is
 * skipped where it is not asked for, and a message is as deep as its form, whatever it holds.
 */

/** What a field holds: a text, a number, texts by texts, or a message, once or many times. */
export type Field =
  | { readonly name: string; readonly holds: 'text' | 'number' | 'texts' }
  | { readonly name: string; readonly holds: Form; readonly many?: true }

/** A message, by the numbers of its fields. */
export interface Form {
  readonly [number: number]: Field
}

/** All fields are there, at their zero value if need be; but a message that was not sent is absent. */
export type Values = Record<string, unknown>

const [VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES] = [0, 1, 2, 5]

/** Throws a RangeError at what is no message. */
export function decodeMessage(bytes: Buffer, form: Form): Values {
  const values = emptyOf(form)
  const reader = new Reader(bytes)
  while (!reader.isAtEnd) {
    const key = reader.varint()
    const field = form[Math.floor(key / 8)]
    const read = reader.value(key % 8)
    if (field !== undefined) take(field, read, values)
  }
  for (const { name } of Object.values(form)) {
    const value = values[name]
    // Not key by key: `__proto__` is a key as any other.
    if (value instanceof Map) values[name] = Object.fromEntries(value)
  }
  return values
}

function emptyOf(form: Form): Values {
  return Object.fromEntries(
    Object.values(form).flatMap((field: Field): [string, unknown][] => {
      if ('many' in field) return [[field.name, []]]
      if (field.holds === 'text') return [[field.name, '']]
      if (field.holds === 'number') return [[field.name, 0]]
      return field.holds === 'texts' ? [[field.name, new Map<string, string>()]] : []
    }),
  )
}

/** The last one counts. Of another kind than it should be, it is skipped. */
function take(field: Field, read: number | Buffer, values: Values): void {
  const { name, holds } = field
  if (typeof read === 'number') {
    if (holds === 'number') values[name] = read % 2 ** 32
  } else if (holds === 'text') values[name] = read.toString()
  else if (holds === 'texts') addEntry(read, values[name])
  else if (typeof holds === 'object') {
    const message = decodeMessage(read, holds)
    if ('many' in field) (values[name] as Values[]).push(message)
    else values[name] = message
  }
}

const ENTRY: Form = { 1: { name: 'key', holds: 'text' }, 2: { name: 'value', holds: 'text' } }

function addEntry(bytes: Buffer, texts: unknown): void {
  const { key, value } = decodeMessage(bytes, ENTRY)
  if (texts instanceof Map) texts.set(key, value)
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Ten bytes at the most; what is beyond 2^53 is not exact, which no number of ours is. */
  varint(): number {
    let value = 0
    for (let place = 0; place < 10; place += 1) {
      const byte = this.#bytes.readUInt8(this.#at)
      this.#at += 1
      value += (byte & 0x7f) * 2 ** (7 * place)
      if (byte < 0x80) return value
    }
    throw new RangeError('a number has more than ten bytes')
  }

  value(kind: number): number | Buffer {
    if (kind === VARINT) return this.varint()
    if (kind === EIGHT_BYTES) return this.#next(8)
    if (kind === FOUR_BYTES) return this.#next(4)
    if (kind === LENGTH) return this.#next(this.varint())
    throw new RangeError(`there is no kind ${kind} of field`)
  }

  #next(lengthBytes: number): Buffer {
    if (lengthBytes > this.#bytes.length - this.#at) throw new RangeError('it ends within a field')
    this.#at += lengthBytes
    return this.#bytes.subarray(this.#at - lengthBytes, this.#at)
  }
}

/** A field that has a text, or what is made of other fields. */
export function encodeField(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.of(number * 8 + LENGTH), varintOf(bytes.length), bytes])
}

function varintOf(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}
