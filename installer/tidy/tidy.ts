import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { BegunFolder } from '../../handoff/begun-folder.ts'
import { ConcludedFolder } from '../../handoff/concluded-folder.ts'
import type { Host } from '../../handoff/host.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { openHostStore } from '../supply/host-store.ts'
import { abortAbandoned } from './abandoned-uploads.ts'
import { secondsUntilDailySlot } from './daily-slot.ts'
import { foreignTo } from './foreign-crash.ts'
import { removeOldGroups } from './old-groups.ts'
import { OldestCrashes } from './oldest-crashes.ts'
import { removeQuietGroups } from './quiet-groups.ts'
import { finishRemoval } from './removal.ts'
import { applyRetention, isLimited } from './retention.ts'
import { removeSpoolRemains, uploadsInSpool } from './spool-remains.ts'
import { removeUnnamedBinaries } from './unnamed-binaries.ts'

interface TidyOptions {
  readonly config: Config
  readonly host: Host
  readonly nodeName: string
  /** How the cluster is and was called. */
  readonly clusterNames: () => readonly string[]
  readonly log: Logger
  readonly pause?: Pause
  readonly now?: () => Date
}

const HOUR_SECONDS = 3600

/**
 * Takes away, until `signal` aborts, what is no longer needed: on the node every hour, in the store once a
 * day.
 */
export async function tidy(options: TidyOptions, signal: AbortSignal): Promise<void> {
  await Promise.all([keepNodeTidy(options, signal), keepStoreTidy(options, signal)])
}

async function keepNodeTidy(options: TidyOptions, signal: AbortSignal): Promise<void> {
  const { config, host, log, pause: wait = pause, now = () => new Date() } = options
  while (!signal.aborted) {
    const round = { now: now(), log }
    await safely('spool not tidied', log, () => removeSpoolRemains(host.path(config.spool.dir), round))
    await safely('cases not tidied', log, () =>
      removeOldGroups(inState(options, 'dedupe'), config.dedupe, round),
    )
    await safely('quiet groups not tidied', log, () => removeQuietGroups(inState(options, 'seen'), round))
    await safely('beginnings not tidied', log, () =>
      new BegunFolder(host.path(config.paths.state)).tidy(round.now),
    )
    await safely('concluded crashes not tidied', log, () =>
      new ConcludedFolder(host.path(config.paths.run)).tidy(round.now),
    )
    await wait(HOUR_SECONDS, signal)
  }
}

/**
 * Any node can do it for all, and if every one did it at once, a large cluster would list the bucket a
 * thousand times in a second. So each has a second of the day.
 */
async function keepStoreTidy(options: TidyOptions, signal: AbortSignal): Promise<void> {
  const { nodeName, pause: wait = pause, now = () => new Date() } = options
  await wait(secondsUntilDailySlot(nodeName, now()), signal)
  while (!signal.aborted) {
    const isMore = await tidyStore(options, now())
    await wait(isMore ? HOUR_SECONDS : secondsUntilDailySlot(nodeName, now()), signal)
  }
}

/** Whether there is more to be removed than is done in one round. */
async function tidyStore(options: TidyOptions, now: Date): Promise<boolean> {
  const { config, host, log } = options
  const store = openHostStore(host, config)
  const journal = inState(options, 'removal.json')
  const abandoned = await safely('abandoned uploads not removed', log, async () =>
    abortAbandoned(store, { inUse: await uploadsInSpool(host.path(config.spool.dir)), now, log }),
  )
  const clusters = options.clusterNames()
  const oldest = new OldestCrashes()
  const removed = await safely('old crashes not removed', log, async () => {
    await finishRemoval(store, journal)
    const ofOthers = foreignTo(clusters, store)
    const onCrash = oldest.note.bind(oldest)
    return applyRetention(store, config.retention, { journal, now, log, ofOthers, onCrash })
  })
  if (abandoned === true || removed === true) return true
  // Only once all crashes were seen: which programs they name is told by the oldest of them.
  if (removed === undefined || !isLimited(config.retention)) return false
  const unnamed = await safely('programs not removed', log, () =>
    removeUnnamedBinaries(store, { oldest, clusters, now, log }),
  )
  return unnamed ?? false
}

function inState({ config, host }: TidyOptions, name: string): string {
  return host.path(path.posix.join(config.paths.state, name))
}

/** `undefined`: it failed, and the log says so. It is tried again at its time. */
async function safely<T>(what: string, log: Logger, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (cause) {
    log.warn(reasonOf(cause), what)
    return undefined
  }
}
