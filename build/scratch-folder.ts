import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** No step of a build takes as long: what is older was left by one that was killed. */
const LEFT_AFTER_MS = 24 * 60 * 60 * 1000

/** A folder for one step of one build, in `parent`; `await using` removes it. The next step removes what a kill left. */
export class ScratchFolder implements AsyncDisposable {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** `kind` begins its name, and tells those of this step from others. */
  static async in(parent: string, kind: string): Promise<ScratchFolder> {
    await mkdir(parent, { recursive: true })
    await removeLeft(parent, kind)
    return new ScratchFolder(await mkdtemp(path.join(parent, `${kind}-`)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function removeLeft(parent: string, kind: string): Promise<void> {
  const names = (await readdir(parent)).filter(name => name.startsWith(`${kind}-`))
  await Promise.all(names.map(name => removeIfOld(path.join(parent, name))))
}

async function removeIfOld(folder: string): Promise<void> {
  // Another build may have removed it since.
  const changed = (await stat(folder).catch(() => null))?.mtimeMs ?? Date.now()
  if (Date.now() - changed > LEFT_AFTER_MS) await rm(folder, { recursive: true, force: true })
}
