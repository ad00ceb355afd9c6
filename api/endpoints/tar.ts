/** A file of a tar, whose size is known before its bytes are. */
export interface TarMember {
  /** Relative, of ASCII. */
  readonly name: string
  readonly sizeBytes: number
  readonly modified: Date
  readonly chunks: () => AsyncIterable<Uint8Array>
}

const BLOCK_BYTES = 512
const LONGEST_NAME = 100
// As eleven octal digits hold.
const LARGEST_BYTES = 0o77777777777

/** A tar as POSIX has it. Throws in the middle where a member has not as many bytes as it said. */
export async function* tarOf(members: readonly TarMember[]): AsyncGenerator<Uint8Array, void, void> {
  for (const member of members) {
    yield headerOf(member)
    let left = member.sizeBytes
    for await (const chunk of member.chunks()) {
      left -= chunk.length
      if (left < 0) break
      yield chunk
    }
    if (left !== 0) throw new Error(`${member.name} has not the ${member.sizeBytes} bytes that it had`)
    yield paddingOf(member.sizeBytes)
  }
  yield Buffer.alloc(2 * BLOCK_BYTES)
}

function headerOf({ name, sizeBytes, modified }: TarMember): Buffer {
  const seconds = Math.max(0, Math.floor(modified.getTime() / 1000))
  const needed = { path: name.length > LONGEST_NAME, size: sizeBytes > LARGEST_BYTES }
  const records = [
    ...(needed.path ? [paxRecord('path', name)] : []),
    ...(needed.size ? [paxRecord('size', String(sizeBytes))] : []),
  ].join('')
  const shown = { name: name.slice(0, LONGEST_NAME), bytes: needed.size ? 0 : sizeBytes, seconds }
  if (records === '') return block({ ...shown, type: '0' })
  const extended = Buffer.from(records)
  const pax = block({ name: 'pax', bytes: extended.length, seconds, type: 'x' })
  return Buffer.concat([pax, extended, paddingOf(extended.length), block({ ...shown, type: '0' })])
}

/** `<length> <key>=<value>\n`, and the length counts its own digits, too. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return `${length}${rest}`
}

function block(of: {
  readonly name: string
  readonly bytes: number
  readonly seconds: number
  readonly type: string
}): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES)
  header.write(of.name, 0, 'latin1')
  header.write('0000600\0', 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(of.bytes, 12), 124)
  header.write(octal(of.seconds, 12), 136)
  // The checksum counts itself as spaces.
  header.write(' '.repeat(8), 148)
  header.write(of.type, 156)
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 7)} `, 148, 'latin1')
  return header
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

function paddingOf(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)
}
