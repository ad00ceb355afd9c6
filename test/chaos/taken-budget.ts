import { type FSWatcher, watch } from 'node:fs'
import path from 'node:path'
import { ClaimFolder } from '../../handler/queue/claim-folder.ts'

const MORE_THAN_THERE_IS = 2 ** 30

/** Another process that takes all of what a node lends, once a handler has some of it. */
export class TakenBudget implements Disposable {
  readonly #claims: ClaimFolder
  readonly #watcher: FSWatcher
  #isTaken = false

  constructor(runFolder: string) {
    const folder = path.join(runFolder, 'turns/read-ahead')
    this.#claims = ClaimFolder.open(folder)
    this.#watcher = watch(folder, () => this.#take())
  }

  get isTaken(): boolean {
    return this.#isTaken
  }

  #take(): void {
    if (this.#isTaken || this.#claims.others().length === 0) return
    this.#isTaken = true
    this.#claims.claim(MORE_THAN_THERE_IS)
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
    this.#claims.claim(0)
    this.#claims[Symbol.dispose]()
  }
}
