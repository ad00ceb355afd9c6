import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { EhFrameTable } from '../../../crash/unwind/eh-frame-table.ts'
import { elfPage } from '../../fakes/elf-core.ts'

const PT_GNU_EH_FRAME = 0x6474e550
const TABLE = 0x10000n
/** Where the first program header is that elfPage() makes of what is loaded: that of a note is before. */
const FIRST_LOAD_AT = 64 + 56
const [TABLE_AT, ENTRY_AT] = [0xf00, 0xf80]

it('a table is searched by address: what begins there or before', () => {
  // Entries at 0x100, 0x200 and 0x300 before the table, their descriptions behind it.
  const table = tableOf([
    [-0x300, 0x1000],
    [-0x200, 0x2000],
    [-0x100, 0x3000],
  ])
  const found = [-0x301n, -0x300n, -0x201n, -0x200n, -0x100n, 0x500n].map(at =>
    table?.descriptionAt(TABLE + at),
  )
  assert.deepEqual(found, [null, 0x11000n, 0x11000n, 0x12000n, 0x13000n, 0x13000n])
})

it('a table that says that it has nearly 2^60 entries is not searched for ever', () => {
  // Of so many, one more or less is the same number. Each place that a search looks at has an entry that begins
  // before.
  const count = 2 ** 60 - 128
  const places = [{ offset: ENTRY_AT, address: TABLE + 16n, size: 16 }]
  for (let low = 0; places.length < 60; low = Math.floor((low + count) / 2) + 1) {
    const middle = Math.floor((low + count) / 2)
    places.push({ offset: ENTRY_AT, address: TABLE + 16n + BigInt(middle) * 8n, size: 16 })
  }
  const header = Buffer.from('011b043b', 'hex')
  const page = pageWith([{ offset: TABLE_AT, address: TABLE, size: 2 ** 63 }, ...places.slice(1)], header)
  page.writeBigUInt64LE(BigInt(count), TABLE_AT + 8)
  page.writeInt32LE(-0x100, ENTRY_AT)
  const image = ElfImage.open(bytesOf(page))
  assert.ok(image)
  EhFrameTable.of(image)?.descriptionAt(TABLE)
})

function tableOf(entries: readonly (readonly [number, number])[]): EhFrameTable | null {
  const page = pageWith(
    [{ offset: TABLE_AT, address: TABLE, size: 12 + 8 * entries.length }],
    Buffer.from('011b033b', 'hex'),
  )
  page.writeUInt32LE(entries.length, TABLE_AT + 8)
  for (const [index, [start, description]] of entries.entries()) {
    page.writeInt32LE(start, TABLE_AT + 12 + index * 8)
    page.writeInt32LE(description, TABLE_AT + 16 + index * 8)
  }
  const image = ElfImage.open(bytesOf(page))
  return image === null ? null : EhFrameTable.of(image)
}

/** The first of `loads` is the table, and loaded. */
function pageWith(
  loads: readonly { offset: number; address: bigint; size: number }[],
  header: Buffer,
): Buffer {
  const [table] = loads
  assert.ok(table)
  const page = elfPage(Buffer.alloc(20), { loads: [table, { ...table, size: 0x80 }, ...loads.slice(1)] })
  page.writeUInt32LE(PT_GNU_EH_FRAME, FIRST_LOAD_AT)
  header.copy(page, TABLE_AT)
  return page
}
