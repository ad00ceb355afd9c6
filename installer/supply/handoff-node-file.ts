import { writeAtomic } from '../../durable/atomic-file.ts'
import { encodeHandoff, type HandoffNode } from '../../handoff/run-folder.ts'

type Found = { readonly [Key in 'cluster' | 'hasApi']?: HandoffNode[Key] | undefined }

/** `node.json` of the run folder, of which more becomes known from several sides, one write after the other. */
export class HandoffNodeFile {
  readonly #file: string
  #node: HandoffNode & Found
  #written: Promise<void> = Promise.resolve()

  constructor(file: string, node: HandoffNode) {
    this.#file = file
    this.#node = node
  }

  /** `undefined` takes away what was known. */
  write(found: Found): Promise<void> {
    this.#node = { ...this.#node, ...found } as HandoffNode & Found
    const written = this.#written.catch(() => undefined)
    this.#written = written.then(() => writeAtomic(this.#file, encodeHandoff(this.#node)))
    return this.#written
  }
}
