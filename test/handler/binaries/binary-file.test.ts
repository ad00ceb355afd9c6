import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { BinaryFile } from '../../../handler/binaries/binary-file.ts'
import { ReadingTime } from '../../../handler/binaries/reading-time.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { elfPage } from '../../fakes/elf-core.ts'

const MIB = 2 ** 20

/** A program that is open, and may be written to. */
function opened(test: TestContext, bytes: Uint8Array, signal = new AbortController().signal) {
  const file = path.join(temporaryFolder(test), 'program')
  writeFileSync(file, bytes)
  const fd = openSync(file, 'r+')
  return { file, fd, binary: new BinaryFile({ fd, sizeBytes: bytes.length }, new ReadingTime(60, signal)) }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const whole: Buffer[] = []
  for await (const chunk of chunks) whole.push(Buffer.from(chunk))
  return Buffer.concat(whole)
}

for (const sizeBytes of [0, 1, MIB, 3 * MIB + 17])
  it(`BinaryFile reads ${sizeBytes} bytes twice, and hashes them`, async t => {
    const bytes = randomBytes(sizeBytes)
    const { binary } = opened(t, bytes)
    const identity = await binary.identify()
    assert.deepEqual(identity, { buildId: null, sha256: sha256(bytes) })
    assert.ok(bytes.equals(await whole(binary.read(identity.sha256))))
  })

it('BinaryFile says the build id', async t => {
  const page = elfPage(Buffer.from('c0ffee', 'hex'))
  assert.equal((await opened(t, page).binary.identify()).buildId, 'c0ffee')
  const nameless = elfPage(Buffer.alloc(0))
  assert.equal((await opened(t, nameless).binary.identify()).buildId, null)
})

it('BinaryFile gives nothing that it did not hash', async t => {
  const { binary, fd } = opened(t, randomBytes(2 * MIB).fill('y', MIB + 5, MIB + 6))
  const identity = await binary.identify()
  writeSync(fd, 'x', MIB + 5)
  await assert.rejects(whole(binary.read(identity.sha256)), /the file was changed while it was read/)
})

it('BinaryFile refuses a file that was cut, or grew', async t => {
  for (const sizeBytes of [5, 2 * MIB, 4 * MIB]) {
    const { binary, file } = opened(t, randomBytes(3 * MIB))
    truncateSync(file, sizeBytes)
    await assert.rejects(binary.identify(), /the file was changed while it was read/)
  }
  const cut = opened(t, randomBytes(3 * MIB))
  const { sha256 } = await cut.binary.identify()
  truncateSync(cut.file, MIB)
  await assert.rejects(whole(cut.binary.read(sha256)), /the file was changed while it was read/)
})

it('BinaryFile reads no more when it is late, and says why', async t => {
  const late = new AbortController()
  const { binary } = opened(t, randomBytes(3 * MIB), late.signal)
  const reading = binary.read('')
  await reading.next()
  late.abort(new Error('it took too long'))
  await assert.rejects(reading.next(), /it took too long/)
  await assert.rejects(binary.identify(), /it took too long/)
})
