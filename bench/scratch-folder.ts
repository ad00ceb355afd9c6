import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder for one part of the benchmark, gone when that part is over, however it ends. */
export class ScratchFolder implements Disposable {
  readonly path = mkdtempSync(path.join(tmpdir(), 'coredog-bench-'))
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true })

  constructor() {
    process.once('exit', this.#remove)
  }

  below(name: string): string {
    return path.join(this.path, name)
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#remove)
    this.#remove()
  }
}
