import assert from 'node:assert/strict'
import { it } from 'node:test'
import { namedReport } from '../../../handler/symbols/named-report.ts'
import { shownFrames } from '../../../handler/why/frame-names.ts'

/** As long as names are, of characters of four bytes. */
const NAME = '\u{1f600}'.repeat(512)
const LARGEST_BYTES = 256 * 1024

it('shownFrames() has no more of a stack than a report has room for, the innermost first', () => {
  const frame = { module: '/app', functionName: NAME, buildId: null, trust: 'cfi' as const }
  const frames = Array.from({ length: 256 }, (_, at) => ({
    ...frame,
    offset: BigInt(at),
    shown: { function: NAME, file: NAME, line: at + 1 },
  }))
  const shown = shownFrames(frames)
  assert.ok(Buffer.byteLength(JSON.stringify(shown)) <= LARGEST_BYTES + 256)
  assert.deepEqual([shown[0]?.line, shown.at(-1)?.line], [1, shown.length])
  assert.equal(shownFrames(frames.slice(0, 32)).length, 32)
})

it('namedReport() has no more of a stack than that, either', () => {
  const buildId = 'ab'.repeat(20)
  const name = { name: NAME, file: NAME, line: 1 }
  const frames = Array.from({ length: 64 }, (_, at) => ({
    ...{ module: '/app', address: `0x${(4096 + at).toString(16)}`, buildId, trust: 'context' as const },
  }))
  const names = frames.map(
    ({ address }) => [BigInt(address), { ...name, start: 0n, inlined: [name, name] }] as const,
  )
  const { crash } = namedReport(
    { schema: 'coredog.io/report/v1', id: '0123456789ab', crash: { frames } },
    new Map([[buildId, new Map(names)]]),
  )
  assert.ok(Buffer.byteLength(JSON.stringify(crash)) <= LARGEST_BYTES + 256)
})
