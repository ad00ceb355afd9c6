import { readFile, stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import { ANNOTATIONS } from '../crash/annotations.ts'
import { messageOf } from '../crash/errors.ts'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import { isOfAnotherVersion } from '../handoff/format-version.ts'
import type { HandoffPod } from '../handoff/run-folder.ts'
import { shownPath } from './core-file.ts'
import type { Sight } from './sight.ts'

const HOUR_MS = 3_600_000
const MOST_KNOWN = 10_000

/**
 * The installer writes the list of pods anew each minute while it hears of them. One that is older lacks the
 * pods that have started since.
 */
const FRESH_MS = 10 * 60_000

/**
 * Removes directories that are empty, of pods that are gone, when both has been so for an hour: to remove one
 * that is still mounted would lose the pod's next cores. Without a fresh list of the node's pods nothing is
 * removed.
 */
export class EmptyDirectories {
  readonly #podsFile: string
  readonly #log: Logger
  readonly #goneSinceMs = new Map<string, number>()
  #present: ReadonlySet<string> | null = null

  constructor(podsFile: string, log: Logger) {
    this.#podsFile = podsFile
    this.#log = log
  }

  /** Looks which pods are there. */
  async begin(nowMs: number): Promise<void> {
    this.#present = await podsIn(this.#podsFile, nowMs)
  }

  async see(sight: Sight, root: UntrustedDirectory, nowMs: number): Promise<void> {
    if (sight.kind !== 'left' || sight.segments.length === 0 || this.#present === null) return
    const isOld = nowMs - Number((await sight.directory.statSelf()).mtimeMs) >= HOUR_MS
    const isGone = this.#isGone(sight.segments, nowMs)
    if (sight.entries === 0 && isOld && isGone) await this.#remove(sight.segments, root)
  }

  #isGone([namespace, pod]: readonly string[], nowMs: number): boolean {
    if (pod === undefined) return true
    const home = `${namespace}/${pod}`
    if (this.#present?.has(home) ?? true) {
      this.#goneSinceMs.delete(home)
      return false
    }
    const [first] = this.#goneSinceMs.keys()
    if (this.#goneSinceMs.size >= MOST_KNOWN && first !== undefined) this.#goneSinceMs.delete(first)
    const sinceMs = this.#goneSinceMs.get(home) ?? nowMs
    this.#goneSinceMs.set(home, sinceMs)
    return nowMs - sinceMs >= HOUR_MS
  }

  async #remove(segments: readonly string[], root: UntrustedDirectory): Promise<void> {
    const path = shownPath(segments)
    try {
      await using above = await root.descend(segments.slice(0, -1))
      await above?.removeDirectory(segments.at(-1) ?? '')
      this.#log.info({ path }, 'empty directory removed')
    } catch (cause) {
      // A container has put something into it: then it stays.
      this.#log.debug({ path, reason: messageOf(cause) }, 'empty directory not removed')
    }
  }
}

/** `<namespace>/<directory>` of the node's pods, by every name that a directory of theirs ever had. */
async function podsIn(file: string, nowMs: number): Promise<ReadonlySet<string> | null> {
  try {
    if (nowMs - (await stat(file)).mtimeMs > FRESH_MS) return null
    const pods = JSON.parse(await readFile(file, 'utf8')) as readonly HandoffPod[]
    // Which pods they are only another release knows.
    if (pods.some(isOfAnotherVersion)) return null
    return new Set(pods.flatMap(pod => namesOf(pod).map(name => `${pod.namespace}/${name}`)))
  } catch {
    // It is not there yet, or will never be: it is unknown which pods are gone.
    return null
  }
}

function namesOf({ name, uid, annotations }: HandoffPod): string[] {
  const old = [annotations[ANNOTATIONS.podName], annotations[ANNOTATIONS.admissionUid]]
  return [name, uid, ...old.filter(known => known !== undefined)]
}
