import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CrashReport } from '../../crash/report.ts'
import type { FakeChat } from '../fakes/fake-chat.ts'
import type { Plan } from './plan.ts'

/** The folders of a node, somewhere else. */
export class ScratchHost implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'coredog-chaos-'))
  readonly configFile = path.join(this.folder, 'coredog.yaml')
  readonly handlerLog = path.join(this.folder, 'log/handler.log')
  readonly finisherLog = path.join(this.folder, 'log/finisher.log')
  readonly state = path.join(this.folder, 'state')
  readonly spool = path.join(this.folder, 'spool')
  readonly outbox = path.join(this.state, 'outbox')
  readonly run = path.join(this.folder, 'run')
  readonly #begun = path.join(this.state, 'begun')
  /** Where a file system is mounted that may be the store. */
  readonly mount = path.join(this.folder, 'mount')
  readonly #plan: Plan
  readonly #mounted: boolean

  constructor(plan: Plan) {
    this.#plan = plan
    for (const folder of [this.state, this.spool, this.mount, path.join(this.folder, 'log')])
      mkdirSync(folder)
    this.#mounted = plan.disk.kind === 'full disk' && mountSmall(this.spool, plan.disk.diskBytes)
  }

  /** `storage`: `StorageConfig` of the configuration. */
  configure(storage: object, chat: FakeChat): void {
    const { compression, concurrency, patienceSeconds, maxHoldSeconds, salvageBytes, lending } = this.#plan
    const config = {
      StorageConfig: storage,
      NoticeChannel: [{ chan: 'feishu', webhookurl: chat.url('feishu') }],
      collect: { pods: 'all', hostProcesses: 'collect' },
      cri: { sockets: [] },
      compression,
      dedupe: { window: '0s' },
      storage: { patience: `${patienceSeconds}s` },
      limits: {
        maxHold: `${maxHoldSeconds}s`,
        salvage: String(salvageBytes),
        concurrency,
        perWorkload: 0,
        readAhead: lending.readAhead,
      },
      spool: {
        dir: this.spool,
        maxBytes: String(this.#maxSpoolBytes()),
        perNamespace: '100%',
        keepFree: '0%',
      },
      paths: { log: this.handlerLog, state: this.state, run: this.run },
    }
    writeFileSync(this.configFile, JSON.stringify(config))
  }

  #maxSpoolBytes(): number {
    const { disk } = this.#plan
    if (disk.kind === 'small spool') return disk.maxBytes
    if (disk.kind === 'full disk' && !this.#mounted) return disk.diskBytes
    return 2 ** 34
  }

  /** Crashes that lie in the spool, by the names of their processes. */
  spooled(): readonly string[] {
    return namesIn(this.spool).flatMap(id => commIn(path.join(this.spool, id, 'record.json')) ?? [])
  }

  /** Crashes whose handlers have begun and left nothing else yet, by the names of their processes. */
  begun(): readonly string[] {
    return namesIn(this.#begun)
      .filter(name => name.endsWith('.json'))
      .flatMap(name => commIn(path.join(this.#begun, name)) ?? [])
  }

  owed(): readonly string[] {
    return namesIn(this.outbox).filter(name => name.endsWith('.json'))
  }

  /**
   * The time that a notification waits for its handler is over: that handler is dead, and we have no hour.
   * One of `living` still tells.
   */
  hurryOutbox(living: readonly string[]): void {
    for (const name of this.owed()) {
      const file = path.join(this.outbox, name)
      const entry = JSON.parse(readFileSync(file, 'utf8')) as { notice: { report: CrashReport } }
      if (living.includes(entry.notice.report.process?.comm ?? '')) continue
      writeFileSync(file, JSON.stringify({ ...entry, notBefore: null }))
    }
  }

  /** Files and folders that should not be there any more. */
  left(): readonly string[] {
    return [this.#begun, this.spool, this.outbox].flatMap(folder =>
      everythingIn(folder).map(name => path.relative(this.folder, path.join(folder, name))),
    )
  }

  /** How often a log has this message. */
  logged(message: string): number {
    return this.lines(message).length
  }

  /** The lines of the logs with this message. */
  lines(message: string): readonly string[] {
    return this.logs()
      .split('\n')
      .filter(line => line.includes(`"msg":${JSON.stringify(message)}`))
  }

  logs(): string {
    return [this.handlerLog, this.finisherLog].map(file => `--- ${file}\n${textOf(file)}`).join('')
  }

  [Symbol.dispose](): void {
    if (this.#mounted) execFileSync('umount', ['--lazy', this.spool])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Only root can; others get a small quota instead. */
function mountSmall(folder: string, bytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'coredog-chaos', folder], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

function commIn(file: string): string | null {
  try {
    const { report } = JSON.parse(readFileSync(file, 'utf8')) as { report: { process?: { comm?: string } } }
    return report.process?.comm ?? ''
  } catch {
    return null // it has gone, or was never there
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not there yet, or not any more
  }
}

function everythingIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return [] // not there
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '(nothing)\n'
  }
}
