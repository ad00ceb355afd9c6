import { access } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { isAlive } from '../../durable/writer.ts'
import { BegunFolder } from '../../handoff/begun-folder.ts'
import { GroupNotes } from '../../handoff/group-notes.ts'
import type { Host } from '../../handoff/host.ts'
import { forgetKnownWindow } from '../../handoff/known-window.ts'
import { LeftAlone } from '../../handoff/left-alone.ts'
import { newEntry } from '../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { readSpooled, type Spooled, spooledIn } from '../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../handoff/spool-record.ts'
import { usedBytes } from '../../handoff/spool-room.ts'
import { linesTold } from '../../notify/log-excerpt.ts'
import type { Notification } from '../../notify/notification.ts'
import { targetsOf } from '../../notify/routing.ts'
import { backoff } from '../../time/backoff.ts'
import { tickEvery } from '../../time/ticker.ts'
import { openHostStore } from '../supply/host-store.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { type Finishing, finishCrash } from './finish-crash.ts'
import { takeOverKilled } from './killed-handlers.ts'

export interface SpoolOptions {
  readonly config: Config
  readonly host: Host
  readonly log: Logger
  /** How the cluster is called; `null` or absent: not known. */
  readonly cluster?: () => string | null
  readonly metrics: Pick<Metrics, 'setSpool'>
  readonly onFinished: (finished: Pick<SpoolRecord, 'report' | 'told'>) => void
}

const LOOK_SECONDS = 2

/** Finishes what handlers left in the spool of the node, until `signal` aborts. */
export async function finishSpool(options: SpoolOptions, signal: AbortSignal): Promise<void> {
  const { config, host, metrics } = options
  const folder = host.path(config.spool.dir)
  const finishing = finishingOf(options)
  const retries = new Retries()
  const begun = begunOn(options)
  const leftAlone = new LeftAlone(options.log)
  for await (const _ of tickEvery(LOOK_SECONDS, signal)) {
    await takeOverKilled({
      ...options,
      begun,
      leftAlone,
      procFolder: await procOf(host),
      now: () => new Date(),
    })
    const folders = await spooledIn(folder)
    const bytes = folders.length === 0 ? 0 : await usedBytes(folder)
    metrics.setSpool({ crashes: folders.length, bytes, maxBytes: config.spool.maxBytes })
    retries.forgetBut(folders)
    for (const entry of folders) {
      if (signal.aborted) return
      if (retries.isDue(entry)) await finishOne(entry, finishing, options, retries)
    }
  }
}

async function finishOne(
  folder: string,
  finishing: Finishing,
  { config, host, log, onFinished }: SpoolOptions,
  retries: Retries,
): Promise<void> {
  try {
    const spooled = await readSpooled(folder)
    if (spooled === null || (await isAtWork(spooled, host))) return
    await begunOn({ config, host }).remove(path.basename(folder))
    const report = await finishCrash(spooled, finishing)
    log.info({ report }, 'crash finished')
    onFinished({ report, told: spooled.record.told })
  } catch (cause) {
    const seconds = retries.later(folder)
    log.warn({ crash: path.basename(folder), ...reasonOf(cause), seconds }, 'spooled crash not finished')
  }
}

function begunOn({ config, host }: Pick<SpoolOptions, 'config' | 'host'>): BegunFolder {
  return new BegunFolder(host.path(config.paths.state))
}

async function isAtWork({ record: { writer } }: Spooled, host: Host): Promise<boolean> {
  return writer !== null && (await isAlive(writer, await procOf(host)))
}

/** Handlers run in the node's own pid namespace, which is not ours; without a mount of it, it is. */
async function procOf(host: Host): Promise<string> {
  const folder = host.path('/proc')
  return access(path.join(folder, 'self/stat')).then(
    () => folder,
    () => '/proc',
  )
}

function finishingOf({ config, host, log, cluster }: SpoolOptions): Finishing {
  const inState = (name: string) => host.path(path.posix.join(config.paths.state, name))
  const outbox = new OutboxFolder(inState('outbox'))
  const notes = new GroupNotes(inState('groups'))
  return {
    log,
    cluster,
    count: note => notes.add(note),
    forgetWindow: group => forgetKnownWindow(inState('dedupe'), group),
    store: openHostStore(host, config),
    tell: async (notification, text) =>
      addTo(outbox, { ...ofItsGroup(notification), ...linesTold(config.notice, text) }, config),
  }
}

/** Its handler had it counted with those of all nodes, so one of them tells; a lost core is told of by each. */
function ofItsGroup(notification: Notification): Notification {
  const { countedIn } = notification.report
  return countedIn === undefined || notification.outcome === 'lost'
    ? notification
    : { ...notification, group: countedIn }
}

async function addTo(outbox: OutboxFolder, notification: Notification, config: Config): Promise<void> {
  const pending = targetsOf(config, notification)
  if (pending.length === 0) return
  await outbox.add(newEntry(notification, pending, new Date(), null))
}

const RETRY_SECONDS = { first: 2, longest: 60 }

/** When each crash may be tried again: ever later, as long as the store refuses. */
class Retries {
  readonly #waits = new Map<string, { failures: number; dueMs: number }>()

  isDue(folder: string): boolean {
    return (this.#waits.get(folder)?.dueMs ?? 0) <= performance.now()
  }

  later(folder: string): number {
    const failures = (this.#waits.get(folder)?.failures ?? 0) + 1
    const seconds = backoff(RETRY_SECONDS, failures)
    this.#waits.set(folder, {
      failures,
      dueMs: performance.now() + seconds * 1000 * (0.75 + Math.random() / 2),
    })
    return seconds
  }

  forgetBut(folders: readonly string[]): void {
    const there = new Set(folders)
    for (const folder of this.#waits.keys()) if (!there.has(folder)) this.#waits.delete(folder)
  }
}
