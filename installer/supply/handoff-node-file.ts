import { readFile } from 'node:fs/promises'
import { fieldsIn } from '../../crash/fields.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { saysAnotherVersion } from '../../handoff/format-version.ts'
import { encodeHandoff, type HandoffNode } from '../../handoff/run-folder.ts'
import { withinSeconds } from '../../time/within-seconds.ts'

const DISK_SECONDS = 5

type Found = { readonly [Key in 'cluster' | 'hasApi']?: HandoffNode[Key] | undefined }

interface NodeFiles {
  /** `node.json` of the run folder, which a restart of the node empties. */
  readonly handoff: string
  /** The same on the disk of the node, for a start without an API server. */
  readonly kept: string
}

/** What is known of the node, of which more becomes known from several sides, one write after the other. */
export class HandoffNodeFile {
  readonly #files: NodeFiles
  #node: HandoffNode & Found
  #kept: string | null
  #written: Promise<void> = Promise.resolve()

  /**
   * With the cluster that a file names already, of the installer before us: until the API server has answered,
   * handlers would say of no crash whose it is.
   */
  static async open(files: NodeFiles, node: HandoffNode): Promise<HandoffNodeFile> {
    const kept = await clusterIn(files.kept, node)
    const cluster = (await clusterIn(files.handoff, node)) ?? kept
    return new HandoffNodeFile(files, cluster === null ? node : { ...node, cluster }, kept)
  }

  private constructor(files: NodeFiles, node: HandoffNode, kept: string | null) {
    this.#files = files
    this.#node = node
    this.#kept = kept
  }

  /** `null`: it is not known. */
  get cluster(): string | null {
    return this.#node.cluster ?? null
  }

  /** `undefined` takes away what was known. */
  write(found: Found): Promise<void> {
    this.#node = { ...this.#node, ...found } as HandoffNode & Found
    const written = this.#written.catch(() => undefined)
    this.#written = written.then(() => this.#writeBoth())
    return this.#written
  }

  async #writeBoth(): Promise<void> {
    await writeAtomic(this.#files.handoff, encodeHandoff(this.#node))
    if (this.cluster === this.#kept) return
    const { name, cluster } = this.#node
    const kept = encodeHandoff({ name, ...(cluster !== undefined && { cluster }) })
    this.#kept = this.cluster
    // A disk that hangs is not waited for, and one that is full stays so for a while: the API server tells it anew.
    await withinSeconds(DISK_SECONDS, writeAtomic(this.#files.kept, kept)).catch(() => undefined)
  }
}

async function clusterIn(file: string, node: HandoffNode): Promise<string | null> {
  const text = await withinSeconds(DISK_SECONDS, readFile(file, 'utf8')).catch(() => '')
  const { name, cluster } = (saysAnotherVersion(text) ? null : fieldsIn(text)) ?? {}
  return name === node.name && typeof cluster === 'string' ? cluster : null
}
