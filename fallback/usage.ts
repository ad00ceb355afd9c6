import { fullnessOf } from '../crash/quota.ts'
import type { FillingPod } from '../handoff/filling-pods.ts'
import { type CoreFile, homeOf } from './core-file.ts'

const BLOCK_BYTES = 512

/** A pod that has nearly all that it may have, or too much: what has to go, and how it is then. */
export interface Filling {
  readonly remove: readonly CoreFile[]
  readonly left: FillingPod
}

interface PodFiles {
  bytes: number
  unstoredBytes: number
  readonly stored: CoreFile[]
}

/** How much of the node's disk the files of each pod take, and which of them could go. */
export class Usage {
  readonly #pods = new Map<string, PodFiles>()

  add(file: CoreFile, isStored: boolean): void {
    const pod = this.#pods.get(homeOf(file)) ?? { bytes: 0, unstoredBytes: 0, stored: [] }
    pod.bytes += diskBytes(file)
    if (isStored) pod.stored.push(file)
    else pod.unstoredBytes += diskBytes(file)
    this.#pods.set(homeOf(file), pod)
  }

  /** The pods that have no room left of `limitBytes`, or little. Oldest files go first, until each is within it. */
  filling(limitBytes: number): readonly Filling[] {
    return [...this.#pods]
      .filter(([, { bytes }]) => fullnessOf({ usedBytes: bytes, limitBytes }) !== 'room')
      .map(([pod, { bytes, unstoredBytes, stored }]) => {
        const remove: CoreFile[] = []
        let usedBytes = bytes
        for (const file of stored.sort(byAge)) {
          if (usedBytes <= limitBytes) break
          remove.push(file)
          usedBytes -= diskBytes(file)
        }
        return { remove, left: { pod, usedBytes, limitBytes, unstoredBytes } }
      })
  }
}

function diskBytes({ stat }: CoreFile): number {
  return Number(stat.blocks) * BLOCK_BYTES
}

function byAge(one: CoreFile, other: CoreFile): number {
  return one.stat.mtimeNs < other.stat.mtimeNs ? -1 : 1
}
