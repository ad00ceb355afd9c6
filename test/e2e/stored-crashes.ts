import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import type { CrashReport } from '../../crash/report.ts'
import { eventually } from './eventually.ts'

/** A stored crash, read without any code of the product: as a person with a shell finds it. */
export interface StoredCrash {
  /** Key of its folder. */
  readonly folder: string
  readonly report: CrashReport
  /** Path of the core as stored, or `null` if there is none. */
  readonly core: string | null
}

/** What is in a store whose objects are files: a shared file system, or the root of an S3 server's bucket. */
export class StoredCrashes {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** Every file, by key. */
  keys(): string[] {
    return readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => path.relative(this.root, path.join(entry.parentPath, entry.name)))
      .sort()
  }

  bytes(): number {
    return this.keys().reduce((sum, key) => sum + sizeOf(path.join(this.root, key)), 0)
  }

  all(): StoredCrash[] {
    return this.keys()
      .filter(key => path.basename(key) === 'report.json')
      .map(key => this.#read(path.dirname(key)))
  }

  /** Resolves with the first crash that `matches`: its report is written last, so all of it is there. */
  async crash(what: string, matches: (report: CrashReport) => boolean): Promise<StoredCrash> {
    return await eventually(what, 120, () => this.all().find(({ report }) => matches(report)))
  }

  /**
   * Starts `command`, and resolves with the first crash of a child of it that `isIt`. The numbers of processes may
   * begin anew meanwhile, and unshare(1) ends by the signal that its child ended by.
   */
  async crashBelow(
    command: string,
    args: readonly string[],
    isIt: (report: CrashReport) => boolean = () => true,
  ): Promise<StoredCrash> {
    const before = new Set(this.all().map(({ report: { id } }) => id))
    const { pid } = execa(command, args, { reject: false })
    return await this.crash(
      `a child of ${command}`,
      report => isIt(report) && !before.has(report.id) && report.process?.pid !== pid,
    )
  }

  #read(folder: string): StoredCrash {
    const report = JSON.parse(
      readFileSync(path.join(this.root, folder, 'report.json'), 'utf8'),
    ) as CrashReport
    const core = report.core?.key === undefined ? null : path.join(this.root, report.core.key)
    return { folder, report, core: core !== null && existsSync(core) ? core : null }
  }
}

/** A temporary file may go while we look. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
