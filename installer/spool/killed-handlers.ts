import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { decide } from '../../config/policy.ts'
import { corefilePathOf } from '../../crash/corefile-path.ts'
import { messageOf } from '../../crash/errors.ts'
import { groupFolderIn } from '../../crash/group-key.ts'
import { describeOwner, type Identity, ownerOf } from '../../crash/identity.ts'
import { notKept } from '../../crash/incomplete-core.ts'
import { crashFolder } from '../../crash/object-key.ts'
import { isAlive } from '../../durable/writer.ts'
import type { BegunFolder } from '../../handoff/begun-folder.ts'
import type { BegunRecord } from '../../handoff/begun-record.ts'
import { ConcludedFolder } from '../../handoff/concluded-folder.ts'
import { isOfAnotherVersion } from '../../handoff/format-version.ts'
import { handoffPodOf } from '../../handoff/handoff-pod-of.ts'
import type { Host } from '../../handoff/host.ts'
import type { LeftAlone } from '../../handoff/left-alone.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { type HandoffPod, RUN_FILES } from '../../handoff/run-folder.ts'
import { readSpooled, writeSpoolRecord } from '../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../handoff/spool-record.ts'
import { withdrawCrash } from './withdrawn-crash.ts'

interface KilledOptions {
  readonly begun: BegunFolder
  readonly config: Config
  readonly host: Host
  /** The node's. */
  readonly procFolder: string
  readonly now: () => Date
  readonly leftAlone: LeftAlone
  readonly log: Logger
}

/** Handlers that wait, a kernel's worth of them. */
const MOST_READ = 4096
/** The others are dealt with at the next look. */
const MOST_TAKEN = 64

/**
 * Takes over what killed handlers have begun: from then on the crash is in the spool, as one of which no core
 * was kept. Never rejects.
 *
 * It is done before the spool is worked on, and the installer removes a crash's beginning before it finishes
 * its record in the spool: so a crash that has another record is never taken for one that has none.
 */
export async function takeOverKilled(options: KilledOptions): Promise<void> {
  const { begun, log } = options
  let taken = 0
  try {
    for (const id of await begun.ids(MOST_READ)) {
      if (await takeOver(id, options)) taken += 1
      if (taken === MOST_TAKEN) return
    }
  } catch (cause) {
    log.warn({ reason: messageOf(cause) }, 'killed handlers not looked for')
  }
}

/** Whether there was something to do. */
async function takeOver(id: string, options: KilledOptions): Promise<boolean> {
  const { begun, config, host, procFolder, leftAlone, log } = options
  const seen = await begun.read(id)
  if (seen === 'another version') leftAlone.tell(begun.file(id))
  if (seen === null || seen === 'another version' || (await isAlive(seen.writer, procFolder))) return false
  // Now that its handler no longer writes: it may have come to its end between the two looks.
  const record = await begun.read(id)
  if (record === null || record === 'another version') return false
  if (!(await hasOtherRecord(id, options))) {
    const identity = await whose(record, options)
    if (identity === 'not known yet') return false
    if (record.isWanted || decide(config.collect, identity).do === 'collect') {
      const place = await withdrawCrash(host.path(path.posix.join(config.paths.state, 'dedupe')), id)
      const left = ofPlace(lost(record, identity), place)
      await writeSpoolRecord(path.join(host.path(config.spool.dir), id), left)
      log.warn({ crash: id, handler: record.writer.pid }, 'handler was killed')
    }
  }
  await begun.remove(id)
  await concludedOf(options).remove(id)
  return true
}

/** Who had a place was of its group, and is counted there. */
function ofPlace(record: SpoolRecord, place: string | null): SpoolRecord {
  if (place === null) return record
  const countedIn = groupFolderIn(place)
  return { ...record, place, report: { ...record.report, ...(countedIn !== null && { countedIn }) } }
}

async function hasOtherRecord(id: string, options: KilledOptions): Promise<boolean> {
  const { config, host } = options
  if (await concludedOf(options).has(id)) return true
  const outbox = new OutboxFolder(host.path(path.posix.join(config.paths.state, 'outbox')))
  if ((await outbox.ids()).includes(id)) return true
  // One that cannot be read is a record, too.
  const spooled = readSpooled(path.join(host.path(config.spool.dir), id))
  return spooled.then(
    found => found !== null,
    () => true,
  )
}

function concludedOf({ config, host }: KilledOptions): ConcludedFolder {
  return new ConcludedFolder(host.path(config.paths.run))
}

// So long the installer may take to hear of a new pod.
const UNKNOWN_SECONDS = 60

/** What the handler knew, or else what the API server says of the container that the kernel named. */
async function whose(
  record: BegunRecord,
  options: KilledOptions,
): Promise<Identity | null | 'not known yet'> {
  const { identity, isWanted, report } = record
  if (isWanted || identity?.kind !== 'container' || identity.podUid === null) return identity
  const found = handoffPodOf(await podsOf(options), identity)
  if (found !== null) {
    const { containers: _, ...pod } = found.pod
    const { unanswered: _asked, ...known } = identity
    return { ...known, pod, container: found.container ?? { name: '' } }
  }
  const ageSeconds = (options.now().getTime() - Date.parse(report.time ?? '')) / 1000
  return Math.abs(ageSeconds) < UNKNOWN_SECONDS ? 'not known yet' : identity
}

/** Our own file, which survives a restart of ours. */
async function podsOf({ config, host }: KilledOptions): Promise<readonly HandoffPod[]> {
  const file = host.path(path.posix.join(config.paths.run, RUN_FILES.pods))
  const text = await readFile(file, 'utf8').catch(() => '[]')
  const pods = JSON.parse(text) as (HandoffPod & { readonly version?: number })[]
  return pods.flatMap(({ version: _, ...pod }, at) => (isOfAnotherVersion(pods[at]) ? [] : pod))
}

const WHY = 'its handler was killed before any of it was kept'

function lost({ id, report, identity: known }: BegunRecord, identity: Identity | null): SpoolRecord {
  const { process = {}, node, unidentified, ...rest } = report
  const owner = ownerOf(identity, node?.name ?? 'unknown')
  const time = new Date(report.time ?? 0)
  const { comm = '', pid = 0, namespacedPid = pid } = process
  const doubt = known === identity && unidentified !== undefined ? { unidentified } : {}
  return {
    id,
    writer: null,
    folder: crashFolder(owner, { id, time, comm, pid }),
    report: {
      ...rest,
      ...(node === undefined ? {} : { node }),
      ...describeOwner(identity),
      process,
      ...doubt,
      core: notKept(WHY),
    },
    sealed: true,
    corefilePath: corefilePathOf(owner, { comm, pid: namespacedPid, time }),
    core: null,
    told: false,
  }
}
