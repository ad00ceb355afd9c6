import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { GROUPS, groupFolder } from '../crash/group-key.ts'
import { BegunFolder } from '../handoff/begun-folder.ts'
import { ConcludedFolder } from '../handoff/concluded-folder.ts'
import { GroupNotes } from '../handoff/group-notes.ts'
import { OutboxFolder } from '../handoff/outbox-folder.ts'
import type { HandoffConditionalWrites } from '../handoff/run-folder.ts'
import { SeenFolder } from '../handoff/seen-folder.ts'
import { Network } from '../network/network.ts'
import { MOST_ONE_BY_ONE } from '../notify/batch-note.ts'
import { downloadWay, inWay } from '../notify/download-way.ts'
import { openNotifier } from '../notify/open-notifier.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { openStore } from '../storage/open-store.ts'
import { beginningsIn } from './beginning.ts'
import { notedIn } from './cluster-groups.ts'
import { ContainerLog } from './container-log/container-log.ts'
import { OwnPoolPriority } from './core/pool-priority.ts'
import { ClusterPlaces } from './deduplicate/cluster-places.ts'
import { deduplicationIn } from './deduplicate/deduplication.ts'
import { clusterGroupOf } from './deduplicate/groups.ts'
import { inTime } from './deduplicate/in-time.ts'
import type { Places } from './deduplicate/places.ts'
import { WindowMemory } from './deduplicate/window-memory.ts'
import { firstVoice } from './first-voice.ts'
import { forwardByOriginal } from './forward.ts'
import { readHandoff } from './handoff/handoff.ts'
import { handoffAccess } from './handoff/handoff-access.ts'
import { connectRuntime } from './identity/cri.ts'
import { withHandoffPods } from './identity/handoff-pods.ts'
import { mountedSecrets } from './identity/mounted-secrets.ts'
import { nodeProc } from './identity/proc.ts'
import { thisNode } from './identity/this-node.ts'
import { journalled } from './journal.ts'
import { folderOf } from './location.ts'
import { NamespaceQuota } from './namespace-quota.ts'
import type { Outside } from './outside.ts'
import { isBurst } from './queue/burst.ts'
import { laneOf, laneOfNamespace } from './queue/lane.ts'
import { NodeSemaphores } from './queue/node-semaphores.ts'
import { lowerPriority, OwnCgroup } from './queue/own-cgroup.ts'
import { ReadAheadClaim } from './queue/read-ahead-claim.ts'
import { recurrencesIn } from './recurrences.ts'
import { Spooling } from './spooling.ts'
import { openSymbols } from './symbols/open-symbols.ts'
import { explainInThread } from './why/explain-in-thread.ts'

// Of /proc and for one look. What is not a hang takes a fraction of a millisecond.
const PROC_DEADLINE_SECONDS = 5

/** What a process holds that others wait for, it gives back by `letGo`; the kernel does where it ends. */
export interface Connected extends Outside {
  readonly letGo: () => void
}

/** The real outside of a crash, as the configuration names it. Nothing is opened before it is used. */
export function connect(config: Config, log: Logger): Connected {
  const semaphores = new NodeSemaphores(config, log)
  const cgroup = new OwnCgroup(config.paths.run, log)
  // Of what is read ahead none may go to a disk, which the cgroup sees to. Not waited for: see OwnCgroup.
  const readAhead = new ReadAheadClaim(config, { log, onFirst: () => void cgroup.enter('held') })
  const handoff = readHandoff(config.paths.run, log)
  const handoffNode = handoff.node()
  const way = downloadWay(config.notice.downloadLink, handoffNode?.hasApi)
  const access = handoffAccess(handoff, new Network(config.network))
  const store = openStore(config.storage, access)
  const { state, run } = config.paths
  const dedupeFolder = path.join(state, 'dedupe')
  const beginnings = beginningsIn({ begun: new BegunFolder(state), concluded: new ConcludedFolder(run) }, log)
  const node = thisNode(handoffNode, config.cluster)
  const outbox = new OutboxFolder(path.join(config.paths.state, 'outbox'))
  const now = () => new Date()
  const notifier = journalled(
    openNotifier(config.notice, { lookup: access.lookup, network: access.network }),
    {
      config,
      outbox,
      isBurst: () =>
        isBurst({
          outbox,
          runFolder: config.paths.run,
          crowd: () => semaphores.countCrowd(MOST_ONE_BY_ONE + 1),
          now,
        }),
      claim: notification => firstVoice(notification, { store, node: node.name, now, log }),
      now,
      log,
    },
  )
  const waitToAsk = (namespace: string, giveUp: Promise<void>) =>
    semaphores.ask(laneOfNamespace(namespace), giveUp)
  const quota = new NamespaceQuota({ store, folder: path.join(run, 'quota'), waitToAsk, now, log })
  let places: { readonly found: Places | null } | null = null
  const placesOf = (): Places | null => {
    if (config.dedupe.scope === 'node' || !worksIn(store, handoff.conditionalWrites())) return null
    const memory = new WindowMemory(dedupeFolder, config.dedupe.windowSeconds)
    return new ClusterPlaces({ store, memory, config, waitToAsk, now, log })
  }
  const placesOnce = () => {
    places ??= { found: placesOf() }
    return places.found
  }
  return {
    proc: nodeProc(PROC_DEADLINE_SECONDS),
    runtime: withHandoffPods(connectRuntime(config.runtime.sockets), handoff.pods),
    forward: forwardByOriginal(config.paths.state),
    beginnings,
    waitToInspect: identity => semaphores.look(laneOf(identity)),
    readAhead: () => readAhead,
    poolPriority: new OwnPoolPriority(),
    explain: explainInThread,
    openLog: ContainerLog.open,
    symbols: openSymbols(config, { store, access, log }),
    deduplication: inTime(deduplicationIn(dedupeFolder, config)),
    places: placesOnce,
    quota: capture => {
      if (config.quota.namespaceBytes === 0) return null
      const [namespace = ''] = folderOf(capture).split('/')
      const isHeld = () => capture.pipe.closedAt === null
      return quota.of({ cluster: capture.node.cluster ?? '', namespace, isHeld })
    },
    mountedSecrets,
    recurrences: recurrencesIn(new SeenFolder(path.join(config.paths.state, 'seen')), log),
    groups: {
      folderOf: capture => {
        const group = placesOnce() === null ? null : clusterGroupOf(capture)
        return group === null ? null : groupFolder(group)
      },
      note: notedIn(new GroupNotes(path.join(config.paths.state, 'groups')), log),
    },
    waitToStream: async (identity, letGo) => {
      // The cgroup is entered with a slot, or a share of limits.readAhead, and not while we wait for one: each that
      // waits has the head of its core in memory, two hundred of them are over limits.memory, and the kernel kills some.
      const isHeld = await semaphores.stream(laneOf(identity), letGo)
      // Not waited for: see OwnCgroup.
      if (isHeld) void cgroup.enter('held')
      return isHeld
    },
    waitToSend: async (identity, what) => {
      const lane = laneOf(identity)
      await (what === 'upload' ? semaphores.upload(lane) : semaphores.rest(lane))
      await cgroup.enter('afterwards')
      // In it a rest keeps its priority: it is short, and the handlers that wait need its slot.
      if (what === 'upload' || !cgroup.isIn) lowerPriority()
    },
    stepAside: async () => {
      if (semaphores.hasStreamed) lowerPriority()
      await semaphores.giveWay()
      await cgroup.leaveShare(() => semaphores.isAnyHeld())
    },
    letGo: () => semaphores.letGo(),
    sink: store,
    binaries: store,
    spool: async (draft, holding) => {
      const spooling = await Spooling.begin(draft, holding, config, log)
      if (spooling.hasRecord) await beginnings.forget(draft.id)
      return spooling
    },
    notifier: {
      tell: (notification, onNoted) =>
        notifier.tell(inWay(notification, way), async () => {
          await onNoted?.()
          await beginnings.forget(notification.report.id)
        }),
    },
    node,
    now,
    log,
  }
}

/** Whether the installer has found that conditional writes work, in this very store. */
function worksIn(store: Pick<ObjectStore, 'location'>, found: HandoffConditionalWrites | null): boolean {
  return found?.works === true && found.store === store.location(GROUPS)
}
