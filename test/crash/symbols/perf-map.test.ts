import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '../../../crash/image/file-bytes.ts'
import { namesInPerfMap } from '../../../crash/symbols/perf-map.ts'
import { inputs } from '../../inputs.ts'

function namesIn(text: string | Buffer, ...addresses: readonly bigint[]): Record<string, string> {
  const found = namesInPerfMap(bytesOf(Buffer.from(text)), addresses)
  return Object.fromEntries([...found].map(([address, name]) => [address.toString(16), name.toString()]))
}

it('namesInPerfMap() has the name of the code that holds an address', () => {
  const map =
    '1000 20 first\n1020 10 second one\n0x00007f0000001000 0x00000120 void Main.main(java.lang.String[])\n'
  assert.deepEqual(namesIn(map, 0x0fffn, 0x1000n, 0x101fn, 0x1020n, 0x1030n, 0x7f0000001119n), {
    1000: 'first',
    '101f': 'first',
    1020: 'second one',
    '7f0000001119': 'void Main.main(java.lang.String[])',
  })
})

it('namesInPerfMap() believes the last of the lines that have an address', () => {
  const map = '1000 20 before\n1000 20 moved here\n1008 8 later\n'
  assert.deepEqual(namesIn(map, 0x1000n, 0x1008n), { 1000: 'moved here', 1008: 'later' })
})

it('namesInPerfMap() leaves out a line that was being written, and what is no line of it', () => {
  const map =
    '\n1000 20\n10g0 20 no number\n1000  20 two blanks\n 1000 20 a blank\n2000 20 whole\n1000 20 cut of'
  assert.deepEqual(namesIn(map, 0x1000n, 0x2000n), { 2000: 'whole' })
})

it('namesInPerfMap() looks at the last 64 MiB of a file, and no line is too long', () => {
  const sizeBytes = 1 << 30
  const reads: number[] = []
  const end = Buffer.from(`\n1000 20 ${'n'.repeat(5000)}\n`)
  const file = {
    sizeBytes,
    read(offset: number, lengthBytes: number) {
      reads.push(offset)
      const bytes = Buffer.alloc(lengthBytes, 'x')
      if (offset + lengthBytes === sizeBytes) end.copy(bytes, lengthBytes - end.length)
      return bytes
    },
  }
  const found = namesInPerfMap(file, [0x1000n, 0x9000n])
  assert.deepEqual([...found.values()].map(String), ['n'.repeat(1024)])
  assert.equal(reads.length, 65)
  assert.ok(Math.min(...reads) >= sizeBytes - (64 << 20))
})

it('namesInPerfMap() ends where a file cannot be read', () => {
  assert.equal(namesInPerfMap({ sizeBytes: 100, read: () => null }, [0x1000n]).size, 0)
})

const line = fc.record({
  start: fc.nat(64),
  size: fc.nat(16),
  name: fc.stringMatching(/^[a-z ~*:/]{0,12}$/),
})

it('namesInPerfMap() says the same as a reader from the beginning', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), lines => {
      const map = lines.map(({ start, size, name }) => `${start.toString(16)} ${size.toString(16)} ${name}\n`)
      const addresses = Array.from({ length: 80 }, (_, at) => BigInt(at))
      const expected = addresses.flatMap(address => {
        const holds = lines.findLast(({ start, size }) => address >= start && address < start + size)
        return holds === undefined ? [] : [[address.toString(16), holds.name]]
      })
      assert.deepEqual(namesIn(map.join(''), ...addresses), Object.fromEntries(expected))
    }),
    inputs(),
  )
})

it('namesInPerfMap() never throws, whatever a file says', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.bigInt({ min: 0n, max: 1n << 64n })),
      (bytes, some) => {
        assert.ok(namesInPerfMap(bytesOf(Buffer.from(bytes)), some).size <= some.length)
      },
    ),
    inputs(),
  )
})

it('namesInPerfMap() looks at two million lines, whatever stands in them', () => {
  const line = Buffer.from('1000 20 far away\n')
  const behind = (lines: number) => Buffer.concat([line, Buffer.alloc(lines, '\n')])
  assert.equal(namesInPerfMap(bytesOf(behind(1 << 20)), [0x1000n]).size, 1)
  assert.equal(namesInPerfMap(bytesOf(behind(2 << 20)), [0x1000n]).size, 0)
})
