import type { Bytes } from './bytes.ts'
import { type Failover, noFailover, type PutOutcome } from './failover.ts'
import { Interruption } from './interruption.ts'
import { cut } from './part.ts'
import { PartBuffers } from './part-buffers.ts'
import type { PartPatience } from './part-patience.ts'
import { bufferCount } from './part-size.ts'
import { PartWriter } from './part-writer.ts'
import type { PartedObject } from './parted-object.ts'

/**
 * Writes `body` in parts of `partBytes`, a few at once, from a few buffers that are used again. A body that
 * ends within the first part is put whole. While all buffers are on their way, `body` is not asked for more.
 * If the store fails for good, `failover` takes the rest; without it, `body` is told to stop and the parts
 * are removed.
 */
export async function putInParts(
  object: PartedObject,
  body: Bytes,
  partBytes: number,
  patience: PartPatience,
  failover: Failover | null = null,
): Promise<PutOutcome> {
  const interruption = new Interruption()
  const buffers = new PartBuffers(bufferCount(partBytes), partBytes)
  const parts = cut(interruption.chunksOf(body), () => interruption.wait(buffers.take()))
  const writing = { object, partBytes, patience, failover: failover ?? noFailover(), interruption }
  const writer = new PartWriter(writing, buffers)
  try {
    for await (const part of parts) await writer.take(part)
    return await writer.finish()
  } catch (cause) {
    throw await writer.abandon(cause)
  }
}
