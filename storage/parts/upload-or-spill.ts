import { completeUpload, putAndLook, type Sight } from './complete-upload.ts'
import type { Failover, LostPart } from './failover.ts'
import { inTime, tooSlow } from './in-time.ts'
import type { Interruption } from './interruption.ts'
import type { Part } from './part.ts'
import { type PartPatience, patiently } from './part-patience.ts'
import type { PartedObject, PartedUpload, StoredPart } from './parted-object.ts'
import { Takeover } from './takeover.ts'

export interface Writing {
  readonly object: PartedObject
  /** Size of every part but the last. */
  readonly partBytes: number
  readonly patience: PartPatience
  readonly failover: Failover
  readonly interruption: Interruption
}

type State =
  | { readonly at: 'start' }
  | { readonly at: 'uploading'; readonly upload: PartedUpload }
  /** No `upload`: not even that could be had. */
  | { readonly at: 'spilling'; readonly upload: PartedUpload | null; readonly takeover: Takeover }
  /** The store has all of it, or it was given up. */
  | { readonly at: 'over'; readonly upload: PartedUpload | null }

/** Where the parts of one object go: to the store, and once that has failed to what takes over. */
export class UploadOrSpill {
  readonly #writing: Writing
  readonly #cancel = new AbortController()
  readonly #stored: StoredPart[] = []
  #state: State = { at: 'start' }

  constructor(writing: Writing) {
    this.#writing = writing
  }

  /** What fits one part needs no upload. */
  async putWhole(bytes: Uint8Array): Promise<Sight> {
    return this.#patiently(() => putAndLook(this.#writing.object, bytes))
  }

  /** Meanwhile nothing is read, so a process would be held. An upload that begins too late is of no use. */
  async begin(): Promise<void> {
    const { object, partBytes, failover } = this.#writing
    const { overdue } = failover
    const upload = await inTime(() => this.#patiently(() => object.begin()), overdue)
    this.#state = { at: 'uploading', upload }
    overdue.addEventListener('abort', () => this.#giveUp())
    await failover.begun({ uploadId: upload.id, partBytes })
    if (overdue.aborted) this.#giveUp()
  }

  /** The parts that are on their way find out by themselves. */
  #giveUp(): void {
    if (this.#state.at !== 'uploading') return
    this.takeOver(tooSlow()).catch(cause => this.#writing.interruption.interrupt(cause))
  }

  async put(part: Part): Promise<void> {
    const state = this.#state
    if (state.at === 'uploading') await this.#send(part, state.upload)
    if (state.at === 'spilling') await state.takeover.keep([part])
  }

  async #send(part: Part, upload: PartedUpload): Promise<void> {
    const { signal } = this.#cancel
    try {
      this.#stored.push(await this.#patiently(() => upload.putPart(part.number, part.bytes, signal)))
    } catch (cause) {
      await (await this.takeOver(cause)).keep([part])
    }
  }

  #patiently<T>(request: () => Promise<T>): Promise<T> {
    return patiently(request, this.#writing.patience, this.#cancel.signal)
  }

  /** `null`: something else has taken over. */
  async complete(sizeBytes: number): Promise<Sight | null> {
    if (this.#state.at !== 'uploading') return null
    const { object, patience } = this.#writing
    const parts = this.#stored.toSorted((a, b) => a.number - b.number)
    return completeUpload(object, this.#state.upload, parts, sizeBytes, patience.completePausesMs)
  }

  /**
   * The first failure counts. The parts that are still on their way are stopped, and kept as well. Rejects if
   * nothing can take over, or it is over.
   */
  async takeOver(cause: unknown, lost?: LostPart): Promise<Takeover> {
    const state = this.#state
    if (state.at === 'over') throw cause
    const takeover = state.at === 'spilling' ? state.takeover : this.#spill(cause, lost)
    await takeover.begun()
    return takeover
  }

  #spill(cause: unknown, lost?: LostPart): Takeover {
    const { failover, partBytes } = this.#writing
    const upload = this.#upload
    const situation = { uploadId: upload?.id ?? null, partBytes, stored: this.#stored, cause }
    const takeover = Takeover.begin(failover, { ...situation, ...(lost && { lost }) })
    this.#state = { at: 'spilling', upload, takeover }
    this.#cancel.abort()
    return takeover
  }

  /** All parts up to `lastPart` went one way or the other. */
  async end(lastPart: number): Promise<void> {
    if (this.#state.at === 'spilling') await this.#state.takeover.end(lastPart)
  }

  /** Stops what is on its way; nothing takes over any more. */
  close(): void {
    this.#state = { at: 'over', upload: this.#upload }
    this.#cancel.abort()
  }

  /** Removes what the store has of it, once nothing is on its way. */
  async abort(): Promise<void> {
    await this.#upload?.abort()
  }

  get #upload(): PartedUpload | null {
    return 'upload' in this.#state ? this.#state.upload : null
  }
}
