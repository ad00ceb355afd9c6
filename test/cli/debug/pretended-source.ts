import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { CrashSource, StoredBinary, StoredBytes } from '../../../cli/source/source.ts'
import { COREDUMP_API, type Coredump } from '../../../coredump/coredump.ts'
import type { CrashReport } from '../../../crash/report.ts'

/** A crash as a store has it, and what of it was asked for. */
export interface PretendedCrash {
  readonly crash: Coredump
  readonly core: Buffer
  /** The first is the program. */
  readonly binaries?: readonly { readonly path: string; readonly content: Buffer }[]
  readonly symbols?: Readonly<Record<string, Buffer>>
  readonly report?: Partial<CrashReport>
}

export class PretendedSource implements CrashSource {
  readonly name = 'a test'
  readonly namespace = 'shop'
  /** `core from 0`, `binary`, … in order. */
  readonly asked: string[] = []
  readonly #crash: PretendedCrash
  /** A stream of the core breaks off after so many bytes, once for each. */
  readonly breaks: number[] = []

  constructor(crash: PretendedCrash) {
    this.#crash = crash
  }

  async *list(): AsyncGenerator<Coredump> {
    yield this.#crash.crash
  }

  watch(): AsyncIterable<Coredump> {
    return this.list()
  }

  async named(): Promise<Coredump> {
    return this.#crash.crash
  }

  async report(): Promise<CrashReport> {
    const { binaries = [], report } = this.#crash
    const named = binaries.map(({ path, content }) => ({ path, sha256: sha256Of(content), key: 'k' }))
    return { schema: 'coredog.io/report/v1', id: this.#crash.crash.spec.id, binaries: named, ...report }
  }

  async group(): Promise<null> {
    return null
  }

  async core(_crash: Coredump, { firstByte = 0 } = {}): Promise<StoredBytes> {
    this.asked.push(`core from ${firstByte}`)
    const { core } = this.#crash
    const body = broken(core.subarray(firstByte), this.breaks.shift())
    return { body, firstByte, totalBytes: core.length, tag: null, from: 'a test' }
  }

  async log(): Promise<null> {
    return null
  }

  async binaries(): Promise<readonly StoredBinary[]> {
    const { binaries = [] } = this.#crash
    return binaries.map(({ path, content }) => {
      return { path, buildId: null, sha256: sha256Of(content), sizeBytes: content.length }
    })
  }

  async binary(_crash: Coredump, sha256: string): Promise<StoredBytes> {
    this.asked.push('binary')
    const found = this.#crash.binaries?.find(({ content }) => sha256Of(content) === sha256)
    return whole(found?.content ?? Buffer.alloc(0))
  }

  async symbols(_crash: Coredump, buildId: string): Promise<StoredBytes | null> {
    this.asked.push('symbols')
    const found = this.#crash.symbols?.[buildId]
    return found === undefined ? null : whole(found)
  }

  async link(): Promise<null> {
    return null
  }
}

/** A crash of `shop/web-0`, of which the core is stored as gzip has it. */
export function crashOf(core: Buffer, overrides: Partial<PretendedCrash> = {}): PretendedCrash {
  const stored = gzipSync(core, { level: 1 })
  const crash: Coredump = {
    apiVersion: COREDUMP_API,
    kind: 'Coredump',
    metadata: {
      ...{ name: '20261121t042117z-3f2a9c01d4e5', namespace: 'shop', uid: 'u', labels: {} },
      creationTimestamp: '2026-11-21T04:21:17Z',
    },
    spec: { id: '3f2a9c01d4e5', pod: { name: 'web-0' }, container: 'app', comm: 'web' },
    status: {
      ...{ phase: 'Stored', sizeBytes: core.length, storedBytes: stored.length },
      ...{ compression: 'gzip', sha256: sha256Of(stored) },
    },
  }
  return { crash, core: stored, ...overrides }
}

export function binaryFrom(path: string, file = path) {
  return { path, content: readFileSync(file) }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function whole(content: Buffer): StoredBytes {
  const body = Readable.from([content], { objectMode: false })
  return { body, firstByte: 0, totalBytes: content.length, tag: null, from: 'a test' }
}

function broken(bytes: Buffer, at: number | undefined): Readable {
  return Readable.from(
    (function* () {
      yield bytes.subarray(0, at)
      if (at !== undefined) throw new Error('the connection was reset')
    })(),
    { objectMode: false },
  )
}
