import type { PartedObject, PartedUpload, StoredPart } from '../../storage/parts/parted-object.ts'

/** An object in memory. A test overrides the one step that it is about. */
export class FakeObject implements PartedObject {
  readonly parts = new Map<number, Buffer>()
  readonly memory = new Set<ArrayBufferLike>()
  bytes: Buffer | null = null
  completes = 0
  aborts = 0
  readonly #upload: Partial<PartedUpload>

  constructor(upload: Partial<PartedUpload> = {}) {
    this.#upload = upload
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    this.bytes = Buffer.from(bytes)
  }

  async begin(): Promise<PartedUpload> {
    return {
      putPart: async (number, bytes) => this.keep(number, bytes),
      complete: async parts => this.assemble(parts),
      storedParts: async () => (this.bytes === null ? [] : null),
      id: 'upload-1',
      abort: async () => void this.aborts++,
      ...this.#upload,
    }
  }

  resume(): never {
    throw new Error('nobody resumes here')
  }

  async abortAll(): Promise<void> {
    this.aborts++
  }

  async look(): Promise<number | 'absent' | 'hidden'> {
    return this.bytes?.length ?? 'absent'
  }

  keep(number: number, bytes: Uint8Array): StoredPart {
    this.memory.add(bytes.buffer)
    this.parts.set(number, Buffer.from(bytes))
    return { number, etag: `etag-${number}` }
  }

  assemble(parts: readonly StoredPart[]): void {
    this.completes++
    this.bytes = Buffer.concat(parts.map(({ number }) => this.parts.get(number)!))
  }
}
