import type { Readable } from 'node:stream'
import type { ResourceRequest } from '../resource-request.ts'
import { lengthOf } from '../streams/byte-range.ts'
import { logDownload } from '../streams/download-line.ts'
import { ofStore } from '../streams/of-store.ts'
import { SteadyRead } from '../streams/steady-read.ts'
import type { Streaming } from '../streams/streaming.ts'
import { Transfer } from '../streams/transfer.ts'
import { type DumpedCore, dumpedCores } from './dumped-cores.ts'
import type { Dumping } from './dumping.ts'
import { gzipStored } from './gzip-stored.ts'
import { podAsked } from './pod-asked.ts'
import { type TarMember, tarOf } from './tar.ts'

/** The cores of a pod as a tar that gzip can read, or nothing of it. */
export async function serveDump(asked: ResourceRequest, dumping: Dumping): Promise<void> {
  const { response, request, signal } = asked
  const cores = await ofStore(asked, dumping.log, async () => {
    return await dumpedCores(asked, await podAsked(asked, dumping.objects, dumping.cluster), dumping)
  })
  const reads = cores.map(core => new CoreRead(core, dumping, signal))
  // Whether the store gives anything is known before the answer begins.
  await ofStore(asked, dumping.log, async () => await reads[0]?.open())
  response.writeHead(200, { 'content-type': 'application/x-gtar', 'x-content-type-options': 'nosniff' })
  if (request.method === 'HEAD') response.end()
  else await transfer(asked, reads, dumping)
  for (const read of reads) read.close()
}

async function transfer(asked: ResourceRequest, reads: readonly CoreRead[], dumping: Dumping): Promise<void> {
  const transferred = new Transfer(dumping.limits.idleSeconds, dumping.spent)
  const begunAt = performance.now()
  const tar = gzipStored(tarOf(reads.map(read => read.member)))
  const outcome = await transferred.run(tar, asked.response, asked.signal)
  const seconds = (performance.now() - begunAt) / 1000
  dumping.pace.measured(asked.user.name, transferred.bytes, seconds)
  const wantedBytes = reads.reduce((sum, { member }) => sum + member.sizeBytes, 0)
  logDownload(dumping.log, asked, { what: 'dump', outcome, transfer: transferred, wantedBytes })
}

/** A core that becomes a member of the tar once its turn comes. */
class CoreRead {
  readonly member: TarMember
  readonly #range: { readonly firstByte: number; readonly lastByte: number }
  readonly #read: SteadyRead
  #opened: Readable | null = null

  constructor({ folder, found, entry }: DumpedCore, { store }: Streaming, signal: AbortSignal) {
    const { info, form } = found
    this.#range = { firstByte: 0, lastByte: info.sizeBytes - 1 }
    this.#read = new SteadyRead(store, info, signal)
    this.member = {
      name: `${folder}/${form.file}`,
      sizeBytes: info.sizeBytes,
      modified: entry.time,
      chunks: () => this.#chunks(),
    }
  }

  async open(): Promise<void> {
    if (lengthOf(this.#range) > 0) this.#opened ??= await this.#read.open(this.#range)
  }

  close(): void {
    this.#opened?.destroy()
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void, void> {
    await this.open()
    if (this.#opened !== null) yield* this.#read.chunks(this.#range, this.#opened)
  }
}
