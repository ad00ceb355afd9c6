import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { messageOf } from '../crash/errors.ts'
import type { Writer } from '../crash/spool-record.ts'
import { BegunFolder } from '../durable/begun-folder.ts'
import { thisWriter } from '../durable/writer.ts'
import { openNotifier } from '../notify/open-notifier.ts'
import { OutboxFolder } from '../notify/outbox-folder.ts'
import { MOST_ONE_BY_ONE } from '../notify/storm-note.ts'
import { openStore } from '../storage/open-store.ts'
import { beginningsIn } from './beginning.ts'
import type { Outside } from './collect.ts'
import { connectRuntime } from './cri.ts'
import { forwardByOriginal } from './forward.ts'
import { handedAccess } from './handed-access.ts'
import { readHandedOver } from './handed-over.ts'
import { withHandedPods } from './handed-pods.ts'
import { journalled } from './journal.ts'
import { makeWay } from './own-cgroup.ts'
import { nodeProc } from './proc.ts'
import { repeatsIn } from './repeats.ts'
import { Spooling } from './spooling.ts'
import { isStorm } from './storm.ts'
import { thisNode } from './this-node.ts'
import { countCrowd, type Turn, takeTurn } from './turn.ts'

// Of /proc and for one look. What is not a hang takes a fraction of a millisecond.
const PROC_DEADLINE_SECONDS = 5

/** What a process holds that others wait for, it gives back by `letGo`; the kernel does where it ends. */
export interface Connected extends Outside {
  readonly letGo: () => void
}

/** The real outside of a crash, as the configuration names it. Nothing is opened before it is used. */
export function connect(config: Config, log: Logger): Connected {
  const turns: Turn[] = []
  const handed = readHandedOver(config.paths.run)
  const access = handedAccess(handed)
  const beginnings = beginningsIn(new BegunFolder(config.paths.state), log)
  const outbox = new OutboxFolder(path.join(config.paths.state, 'outbox'))
  const streaming = turnsFolder(config, 'stream')
  const now = () => new Date()
  const notifier = journalled(openNotifier(config.notice, { lookup: access.lookup }), {
    config,
    outbox,
    isStorm: () =>
      isStorm({
        outbox,
        runFolder: config.paths.run,
        crowd: () => countCrowd(streaming, MOST_ONE_BY_ONE + 1),
        now,
      }),
    now,
    log,
  })
  let hasMadeWay = false
  // Before we wait for our turn, and this is not waited for: see makeWay.
  const enterCgroup = () => {
    if (!hasMadeWay) void makeWay(config.paths.run, log)
    hasMadeWay = true
  }
  return {
    proc: nodeProc(PROC_DEADLINE_SECONDS),
    runtime: withHandedPods(connectRuntime(config.runtime.sockets), handed.pods),
    forward: forwardByOriginal(config.paths.state),
    beginnings,
    takeLook: () => {
      enterCgroup()
      return takeLook(config, log)
    },
    repeats: repeatsIn(path.join(config.paths.state, 'dedupe'), config),
    makeWay: async () => {
      enterCgroup()
      turns.push(await takeWay(config, log))
    },
    letGo: () => {
      for (const turn of turns) turn.end()
    },
    sink: openStore(config.storage, access),
    spool: async (draft, holding) => {
      const spooling = await Spooling.begin(draft, holding, config, log)
      if (spooling.hasRecord) await beginnings.forget(draft.id)
      return spooling
    },
    notifier: {
      tell: (notice, onNoted) =>
        notifier.tell(notice, async () => {
          await onNoted?.()
          await beginnings.forget(notice.report.id)
        }),
    },
    node: thisNode(handed.node()),
    now,
    log,
  }
}

// To look takes a few milliseconds of a CPU, and some of the container runtime.
const LOOKS_AT_ONCE = Math.max(4, 2 * availableParallelism())

const NO_TURN: Turn = { end: () => undefined }

/** Never rejects: who cannot wait does not. */
async function takeLook(config: Config, log: Logger): Promise<Turn> {
  return turnAt('look', LOOKS_AT_ONCE, config, log)
}

/** Never rejects. */
async function takeWay(config: Config, log: Logger): Promise<Turn> {
  return turnAt('stream', config.limits.concurrency, config, log)
}

async function turnAt(what: 'look' | 'stream', places: number, config: Config, log: Logger): Promise<Turn> {
  try {
    const ticket = ticketOf(await thisWriter())
    const waiting = { places, patienceSeconds: config.limits.maxWaitSeconds, ticket }
    return await takeTurn(waiting, turnsFolder(config, what))
  } catch (cause) {
    log.warn({ reason: messageOf(cause) }, 'turn not taken')
    return NO_TURN
  }
}

/** Below a folder that is root's alone: a name that anybody can take is no place. */
function turnsFolder({ paths }: Config, what: 'look' | 'stream'): string {
  return path.join(paths.run, 'turns', what)
}

/** The kernel starts a handler at each crash, so whoever started first is first. */
function ticketOf({ startTicks, pid }: Writer): string {
  return `${String(startTicks).padStart(16, '0')}-${String(pid).padStart(8, '0')}`
}
