import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { isPartial } from '../../storage/file/file-object.ts'
import { type HangingMount, hangingMount } from '../fakes/hanging-mount.ts'

/**
 * A store that is a folder: from {@link hang} to {@link heal} every call to it hangs, as with a dead NFS
 * server.
 */
export class MountedStore {
  readonly #folder: string
  #hanging: Promise<HangingMount | null> | null = null
  #timer: NodeJS.Timeout | null = null
  /** Whether it has hung. It cannot where we are not root. */
  hasHung = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** As `StorageConfig` has it. */
  settings(storeDir: string): object {
    return { protocol: 'cfs', CFSMountPath: this.#folder, StoreDir: storeDir }
  }

  /** After so long; before it resolves if that is 0. */
  async hang(afterMilliseconds: number): Promise<void> {
    if (afterMilliseconds === 0) await this.#hang()
    else this.#timer = setTimeout(() => void this.#hang(), afterMilliseconds)
  }

  async #hang(): Promise<void> {
    this.#hanging = hangingMount(this.#folder)
    this.hasHung = (await this.#hanging) !== null
  }

  async heal(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const hanging = await this.#hanging
    this.#hanging = null
    await hanging?.end()
  }

  async objects(storeDir: string): Promise<ReadonlyMap<string, Buffer>> {
    return new Map(this.#filesIn(storeDir).map(key => [key, readFileSync(path.join(this.#folder, key))]))
  }

  /** Files that no process has finished. */
  async openUploads(storeDir: string): Promise<readonly string[]> {
    return this.#filesIn(storeDir).filter(key => isPartial(path.basename(key)))
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) rmSync(path.join(this.#folder, key))
  }

  #filesIn(storeDir: string): readonly string[] {
    return readdirSync(this.#folder, { recursive: true, encoding: 'utf8' }).filter(
      key => key.startsWith(`${storeDir}/`) && statSync(path.join(this.#folder, key)).isFile(),
    )
  }
}
