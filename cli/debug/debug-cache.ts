import { mkdir, utimes } from 'node:fs/promises'
import path from 'node:path'
import type { Coredump } from '../../coredump/coredump.ts'
import { openCacheFolder } from './cache-folder.ts'
import { type CrashFiles, type CrashFolder, layOut } from './crash-folder.ts'
import { evict } from './eviction.ts'
import { ObjectCache } from './object-cache.ts'

/** What was fetched for a debugger, and is not fetched again. */
export class DebugCache {
  readonly objects: ObjectCache
  readonly #folders: { readonly objects: string; readonly crashes: string }
  readonly #mostBytes: number

  private constructor(folder: string, mostBytes: number) {
    this.#folders = { objects: path.join(folder, 'objects'), crashes: path.join(folder, 'crashes') }
    this.objects = new ObjectCache(this.#folders.objects)
    this.#mostBytes = mostBytes
  }

  static async open(folder: string, mostBytes: number): Promise<DebugCache> {
    await openCacheFolder(folder)
    const cache = new DebugCache(folder, mostBytes)
    for (const made of Object.values(cache.#folders)) await mkdir(made, { recursive: true, mode: 0o700 })
    return cache
  }

  /** Lays a crash out for a debugger; what was not opened for longest goes where there is too much. */
  async layOut({ metadata }: Coredump, files: CrashFiles): Promise<CrashFolder> {
    const folder = path.join(this.#folders.crashes, metadata.name)
    const laid = await layOut(folder, files)
    await utimes(folder, new Date(), new Date())
    await evict(this.#folders, { mostBytes: this.#mostBytes, kept: folder, now: new Date() })
    return laid
  }
}
