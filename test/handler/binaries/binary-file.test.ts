import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { BinaryFile } from '../../../handler/binaries/binary-file.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { elfPage } from '../../fakes/elf-core.ts'
import { all } from '../../storage/bodies.ts'

const NEVER = new AbortController().signal
const MIB = 2 ** 20

/** A program that is open, and may be written to. */
function opened(test: TestContext, bytes: Uint8Array) {
  const file = path.join(temporaryFolder(test), 'program')
  writeFileSync(file, bytes)
  const fd = openSync(file, 'r+')
  return { file, fd, binary: new BinaryFile({ fd, sizeBytes: bytes.length }) }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await all(chunks))
}

for (const sizeBytes of [0, 1, MIB, 3 * MIB + 17])
  it(`BinaryFile reads ${sizeBytes} bytes twice, and hashes them`, async t => {
    const bytes = randomBytes(sizeBytes)
    const { binary } = opened(t, bytes)
    const identity = await binary.identify(NEVER)
    assert.deepEqual(identity, { buildId: null, sha256: sha256(bytes) })
    assert.ok(bytes.equals(await whole(binary.read(identity.sha256, NEVER))))
  })

it('BinaryFile says the build id', async t => {
  const page = elfPage(Buffer.from('c0ffee', 'hex'))
  assert.equal((await opened(t, page).binary.identify(NEVER)).buildId, 'c0ffee')
  const nameless = elfPage(Buffer.alloc(0))
  assert.equal((await opened(t, nameless).binary.identify(NEVER)).buildId, null)
})

it('BinaryFile gives nothing that it did not hash', async t => {
  const { binary, fd } = opened(t, randomBytes(2 * MIB))
  const identity = await binary.identify(NEVER)
  writeSync(fd, 'x', MIB + 5)
  await assert.rejects(whole(binary.read(identity.sha256, NEVER)), /the file was changed while it was read/)
})

it('BinaryFile refuses a file that was cut, or grew', async t => {
  for (const sizeBytes of [5, 2 * MIB, 4 * MIB]) {
    const { binary, file } = opened(t, randomBytes(3 * MIB))
    truncateSync(file, sizeBytes)
    await assert.rejects(binary.identify(NEVER), /the file was changed while it was read/)
  }
  const cut = opened(t, randomBytes(3 * MIB))
  const { sha256 } = await cut.binary.identify(NEVER)
  truncateSync(cut.file, MIB)
  await assert.rejects(whole(cut.binary.read(sha256, NEVER)), /the file was changed while it was read/)
})

it('BinaryFile reads no more when it is late, and says why', async t => {
  const { binary } = opened(t, randomBytes(3 * MIB))
  const late = new AbortController()
  const reading = binary.read('', late.signal)
  await reading.next()
  late.abort(new Error('it took too long'))
  await assert.rejects(reading.next(), /it took too long/)
  await assert.rejects(binary.identify(late.signal), /it took too long/)
})
