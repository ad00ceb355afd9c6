import { PassThrough, Readable, Writable } from 'node:stream'
import type { Cluster } from '../../cli/cluster.ts'
import type { CrashSource } from '../../cli/source/source.ts'
import type { World } from '../../cli/world.ts'

/** A stream that keeps what was written to it. */
export class KeptOutput extends Writable {
  readonly isTTY: boolean
  readonly columns = 100
  readonly #chunks: Buffer[] = []

  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk))
    done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString()
  }
}

export interface PretendedWorld extends World {
  readonly stdout: KeptOutput
  readonly stderr: KeptOutput
}

/** A world where no terminal, no cluster and no store is; a test overrides the part that it is about. */
export function pretendedWorld(overrides: Partial<PretendedWorld> = {}): PretendedWorld {
  return {
    stdout: new KeptOutput(),
    stderr: new KeptOutput(),
    stdin: Readable.from([]),
    environment: {},
    now: () => new Date('2026-11-21T05:21:17Z'),
    signal: new AbortController().signal,
    openSource: async (): Promise<CrashSource> => {
      throw new Error('there is no source')
    },
    openCluster: async (): Promise<Cluster> => {
      throw new Error('there is no cluster')
    },
    ...overrides,
  }
}

/** What a terminal would send. */
export function typed(text: string): PretendedWorld['stdin'] {
  const stdin = new PassThrough() as PassThrough & { isTTY: boolean }
  stdin.isTTY = true
  stdin.end(text)
  return stdin
}
