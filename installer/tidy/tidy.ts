import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { BegunFolder } from '../../handoff/begun-folder.ts'
import { ConcludedFolder } from '../../handoff/concluded-folder.ts'
import type { Host } from '../../handoff/host.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { removeOldGroups } from './old-groups.ts'
import { removeQuietGroups } from './quiet-groups.ts'
import { removeSpoolRemains } from './spool-remains.ts'

interface TidyOptions {
  readonly config: Config
  readonly host: Host
  readonly log: Logger
  readonly pause?: Pause
  readonly now?: () => Date
}

const HOUR_SECONDS = 3600

/** Takes away from the node, every hour until `signal` aborts, what is no longer needed. */
export async function tidy(options: TidyOptions, signal: AbortSignal): Promise<void> {
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
