import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it, type TestContext } from 'node:test'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { CoreStream } from '../../../handler/core/core-stream.ts'
import { DigestHere } from '../../../handler/core/digest.ts'
import { passingCore } from '../../../handler/core/passing-core.ts'
import { ScrubbedBlocks } from '../../../handler/core/scrubbed-blocks.ts'
import { pipeOf } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const [LOW, STACK] = [0x1_0000_0000n, 0x7f00_0000_0000n]
const UNPACK = { gzip: gunzipSync, zstd: zstdDecompressSync } as const

/** What becomes of `bytes` whose blocks have all been compressed when there is no room for them any more. */
async function passed(t: TestContext, bytes: Buffer, compression: 'gzip' | 'zstd') {
  const core = await CoreStream.begin(pipeOf(t, bytes))
  core.readAhead({ mayHold: () => true, keep: () => undefined })
  const passing = passingCore(core, {
    compression,
    compressionLevel: 1,
    isHurried: () => false,
    scrubbing: new ScrubbedBlocks(null),
    openDigest: () => new DigestHere([]),
    onEnd: async () => undefined,
  })
  const given = t.mock.method(core, 'giveBack').mock
  const isCompressed = () => given.callCount() === Math.ceil(bytes.length / BLOCK_BYTES)
  const chunks: Uint8Array[] = []
  for await (const chunk of passing) {
    // Nothing of it but the head can be made smaller. The first chunk of gzip is of no block.
    const passedBytes = compression === 'gzip' ? 0 : BLOCK_BYTES
    while (
      chunks.length === 0 &&
      !(isCompressed() && core.backlog.bytes >= bytes.length - passedBytes - 4096)
    )
      await turnOfLoop()
    chunks.push(Uint8Array.from(chunk))
    core.keepStacksOnly('there is no room')
  }
  return { stored: UNPACK[compression](Buffer.concat(chunks)), leftOut: core.leftOut }
}

for (const compression of ['gzip', 'zstd'] as const)
  it(`passingCore() leaves out what is compressed by ${compression} already, when there is no room for it, but for stacks`, async t => {
    const memory = [
      { address: LOW, bytes: randomBytes(5 * BLOCK_BYTES) },
      { address: STACK, bytes: randomBytes(4096) },
    ]
    const bytes = elfCore({ memory, stackPointers: [STACK + 0x800n] })
    const { stored, leftOut } = await passed(t, bytes, compression)
    // The heap begins in the first block, and 4 MiB of it are needed.
    const expected = Buffer.from(bytes).fill(0, 2 * BLOCK_BYTES, 5 * BLOCK_BYTES)
    assert.ok(stored.equals(expected))
    assert.deepEqual(leftOut, { bytes: 3 * BLOCK_BYTES, reason: 'there is no room' })
  })
