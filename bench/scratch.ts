import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const MEMORY = '/dev/shm'
const PREFIX = 'coredog-held-'

/**
 * Where a run has its files: programs where they may be executed, which memory file systems often refuse, and
 * all that a contestant writes in memory, so that no disk is measured.
 */
export class Scratch implements Disposable {
  readonly programs: string
  /** Everybody's output, one contestant's at a time. */
  readonly output: string
  readonly inMemory: boolean

  constructor(neededBytes: number) {
    for (const parent of [tmpdir(), MEMORY]) removeLeftovers(parent)
    this.programs = make(tmpdir())
    this.inMemory = freeBytes(MEMORY) >= neededBytes
    this.output = make(this.inMemory ? MEMORY : tmpdir())
  }

  /** An empty folder in {@link output}. */
  folder(name: string): string {
    const folder = path.join(this.output, name)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    return folder
  }

  [Symbol.dispose](): void {
    for (const folder of [this.programs, this.output]) rmSync(folder, { recursive: true, force: true })
  }
}

function make(parent: string): string {
  const folder = mkdtempSync(path.join(parent, `${PREFIX}${process.pid}-`))
  // The process that crashes, and systemd's helper, may be others than we.
  chmodSync(folder, 0o755)
  return folder
}

/** What a run left that was killed by force: its name says whose it was. */
function removeLeftovers(parent: string): void {
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent)) {
    const [, pid] = /^coredog-held-(\d+)-/.exec(name) ?? []
    const folder = path.join(parent, name)
    if (pid === undefined || existsSync(`/proc/${pid}`) || !isOurs(folder)) continue
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Another user's cannot be removed. */
function isOurs(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.()
}

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
