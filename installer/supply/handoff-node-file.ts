import { readFile } from 'node:fs/promises'
import { fieldsIn } from '../../crash/fields.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { saysAnotherVersion } from '../../handoff/format-version.ts'
import { encodeHandoff, type HandoffNode } from '../../handoff/run-folder.ts'

type Found = { readonly [Key in 'cluster' | 'hasApi']?: HandoffNode[Key] | undefined }

/** `node.json` of the run folder, of which more becomes known from several sides, one write after the other. */
export class HandoffNodeFile {
  readonly #file: string
  #node: HandoffNode & Found
  #written: Promise<void> = Promise.resolve()

  /**
   * With the cluster that the file names already, of the installer before us: until the API server has answered,
   * handlers would say of no crash whose it is.
   */
  static async open(file: string, node: HandoffNode): Promise<HandoffNodeFile> {
    const text = await readFile(file, 'utf8').catch(() => '')
    const { name, cluster } = (saysAnotherVersion(text) ? null : fieldsIn(text)) ?? {}
    const isKnown = name === node.name && typeof cluster === 'string'
    return new HandoffNodeFile(file, isKnown ? { ...node, cluster } : node)
  }

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
