import { readFileSync } from 'node:fs'
import { blockCodec } from '../handler/core/block-codec.ts'
import { storedBoundBytes } from '../handler/core/bound.ts'
import type { CompressedBlock } from '../handler/core/compressed-block.ts'
import { CoreStream } from '../handler/core/core-stream.ts'
import { putInParts } from '../storage/parts/multipart.ts'
import { partSizeBytes } from '../storage/parts/part-size.ts'
import { type Discarded, DiscardingObject } from './discarding-object.ts'
import { EndlessPipe } from './endless-pipe.ts'

/** What the process that did nothing else found. */
export interface EndlessRun extends Discarded {
  readonly coreBytes: number
  readonly peakBytes: number
  readonly seconds: number
}

const PATIENCE = { partMs: 0, partPauseMs: 0, completePausesMs: [], isPassing: () => false }

/** `zeros` compressed, of a process that used little of what it reserved; or `random`, stored as it is. */
async function run(filling: 'zeros' | 'random', memoryBytes: number): Promise<EndlessRun> {
  const compression = filling === 'zeros' ? 'gzip' : 'none'
  const residentBytes = filling === 'zeros' ? 2 ** 30 : memoryBytes
  const pipe = new EndlessPipe(memoryBytes, filling)
  const core = await CoreStream.begin(pipe)
  const bound = storedBoundBytes({ ...core.head, residentBytes, limitBytes: 0 }, compression)
  const object = new DiscardingObject({ stamped: compression === 'none' })
  const blocks = blockCodec(compression).encode(core.blocks(), {
    giveBack: block => core.giveBack(block),
  })
  await putInParts(object, chunksOf(blocks), partSizeBytes(bound), PATIENCE)
  return {
    ...object.discarded,
    coreBytes: pipe.endBytes,
    peakBytes: peakBytes(),
    seconds: performance.now() / 1000,
  }
}

async function* chunksOf(blocks: AsyncIterable<CompressedBlock>): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) {
    yield* block.chunks
    block.release()
  }
}

/** Not resourceUsage(): that counts what our parent had in memory when it forked. */
function peakBytes(): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}

async function main([filling, memoryBytes]: readonly string[]): Promise<void> {
  const found = await run(filling === 'zeros' ? 'zeros' : 'random', Number(memoryBytes))
  process.stdout.write(JSON.stringify(found))
}

// Not top-level await: bundled, as the handler is, it runs CommonJS.
void main(process.argv.slice(2))
