import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { fieldsOf } from '../../crash/fields.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { boundedText } from '../../handoff/bounded-text.ts'
import { isOfAnotherVersion } from '../../handoff/format-version.ts'
import type { HandoffPod } from '../../handoff/run-folder.ts'
import { withinSeconds } from '../../time/within-seconds.ts'

/** What the handler reads at most. */
const LARGEST_BYTES = 8 * 1024 * 1024
/** It is a write to the disk of the node, and pods come and go all the time. */
const AGAIN_MS = 60_000
const DISK_SECONDS = 5

interface PodFiles {
  /** `pods.json` of the run folder, which a restart of the node empties. */
  readonly handoff: string
  /** The same on the disk of the node, without containers: those of after a restart are others. */
  readonly kept: string
}

/** The pods of this node as the API server knew them last, for a start without one. */
export class KeptPods {
  readonly #files: PodFiles
  readonly #log: Logger
  readonly #now: () => number
  #written = ''
  /** A disk may hang: then no second write is begun. */
  #isBusy = false
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(files: PodFiles, log: Logger, now = Date.now) {
    this.#files = files
    this.#log = log
    this.#now = now
  }

  /**
   * What the installer before us has handed over, or else what was kept, which is handed over then. Never rejects:
   * the API server tells all of it anew. A disk that hangs is not waited for.
   */
  async restore(): Promise<readonly Partial<HandoffPod>[]> {
    try {
      const { handoff } = this.#files
      const known = await boundedText(handoff, LARGEST_BYTES)
      if (known !== null) return podsIn(known)
      const pods = podsIn(await withinSeconds(DISK_SECONDS, this.#read()))
      if (pods.length > 0) await writeAtomic(handoff, textOf(pods))
      return pods
    } catch (cause) {
      this.#log.warn({ reason: messageOf(cause) }, 'pods of before not handed over')
      return []
    }
  }

  /** Once a minute at most, and where something has changed. Never rejects: a disk that is full is so for a while. */
  async keep(content: string): Promise<void> {
    if (this.#isBusy || this.#now() - this.#lookedAtMs < AGAIN_MS) return
    this.#isBusy = true
    this.#lookedAtMs = this.#now()
    try {
      await this.#write(content)
    } catch (cause) {
      this.#log.warn({ reason: messageOf(cause) }, 'pods not kept for a start without an API server')
    } finally {
      this.#isBusy = false
    }
  }

  async #read(): Promise<string> {
    await removeHalves(path.dirname(this.#files.kept))
    this.#written = (await boundedText(this.#files.kept, LARGEST_BYTES)) ?? ''
    return this.#written
  }

  async #write(content: string): Promise<void> {
    const pods = podsIn(content).map(pod => ({ ...pod, containers: [] }))
    const text = textOf(pods.toSorted((a, b) => (`${a.uid}` < `${b.uid}` ? -1 : 1)))
    if (text === this.#written) return
    await writeAtomic(this.#files.kept, text)
    this.#written = text
  }
}

async function removeHalves(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(orIfMissing([])))
    if (name.endsWith('.new')) await rm(path.join(folder, name), { force: true })
}

/** None: they are not there, or cannot be read. */
function podsIn(text: string): readonly Partial<HandoffPod>[] {
  const found = parsed(text)
  return Array.isArray(found) ? found.filter(pod => fieldsOf(pod) === pod && !isOfAnotherVersion(pod)) : []
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function textOf(pods: readonly object[]): string {
  return `[${pods.map(pod => JSON.stringify(pod)).join(',\n')}]`
}
