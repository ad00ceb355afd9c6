import { once } from 'node:events'
import path from 'node:path'
import type { CollectConfig, Config } from '../config/config.ts'
import { decide } from '../config/policy.ts'
import { CONFIG_FILE } from '../config/read-config.ts'
import type { OperatorError } from '../crash/errors.ts'
import { whyNotKept } from '../crash/incomplete-core.ts'
import { writeAtomic } from '../durable/atomic-file.ts'
import { type TakeCore, takeByHandler } from '../fallback/take-core.ts'
import { watchDumps } from '../fallback/watch-dumps.ts'
import { type HandoffNode, type HandoffPod, type Refusal, RUN_FILES } from '../handoff/run-folder.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Lease } from '../kube/lease.ts'
import { REAL_CLOCK } from '../time/rate-limiter.ts'
import { tickEvery } from '../time/ticker.ts'
import { keepGroups } from './groups/keep-groups.ts'
import { makeHandlerCgroup } from './node/handler-cgroup.ts'
import type { Node } from './node/node.ts'
import { moveToReaderCgroup } from './node/reader-cgroup.ts'
import { AlertBook } from './outbox/alert-book.ts'
import { ChatLimiters } from './outbox/chat-rates.ts'
import { ChatTurns } from './outbox/chat-turns.ts'
import { tellOfClosedGroups } from './outbox/closed-groups.ts'
import type { Environment } from './outbox/core-sight-config.ts'
import { deliverOutbox } from './outbox/outbox.ts'
import { renewAlerts } from './outbox/renew-alerts.ts'
import type { Activity } from './run.ts'
import { finishSpool, type SpoolOptions } from './spool/finish-spool.ts'
import { type Health, serveHealth, type Views } from './status/health.ts'
import { watchAddresses } from './supply/addresses.ts'
import { watchApiPresence } from './supply/api-presence.ts'
import { findClusterId } from './supply/cluster-id.ts'
import { watchConditionalWrites } from './supply/conditional-writes.ts'
import { type ConfigurationSource, watchConfiguration } from './supply/configuration.ts'
import { watchCredentials } from './supply/credentials.ts'
import { readDedupeScope } from './supply/dedupe-scope.ts'
import { HandoffNodeFile } from './supply/handoff-node-file.ts'
import { openHostStore } from './supply/host-store.ts'
import { KeptPods } from './supply/kept-pods.ts'
import type { PodBook } from './supply/pod-book.ts'
import { watchPods } from './supply/pods.ts'
import { writeRefusal } from './supply/refusal.ts'
import type { EventRecorder } from './telemetry/event-recorder.ts'
import { eventOf } from './telemetry/events.ts'
import { followHandlerLog } from './telemetry/handler-log.ts'
import type { HandlerLogEntry } from './telemetry/handler-log-entry.ts'
import { tellOfDrops } from './telemetry/kernel-drops.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { quotaEvent } from './telemetry/quota-event.ts'
import { tidy } from './tidy/tidy.ts'
import { keepUp, type UpkeepOptions } from './upkeep/upkeep.ts'

/** What goes on beside the upkeep of the node, and whom it tells. */
interface BackgroundWork {
  readonly node: Node
  /** As Kubernetes calls it. */
  readonly handoffNode: HandoffNode
  /** `null`: we are not in a cluster. */
  readonly kube: KubeClient | null
  /** Who has it does what one installer does for all; `null`: we are not in a cluster. */
  readonly lease: Lease | null
  readonly metrics: Metrics
  readonly recorder: EventRecorder
  readonly source: ConfigurationSource
  readonly port: number
  /** Our own image's: it takes the cores that lie as files. */
  readonly handler: string
  /** Our own environment. */
  readonly env: Environment
  readonly health: () => Health
  readonly views: Views
  /** The pods of this node, kept right as long as we are in a cluster. */
  readonly book: PodBook
  /** What is in force. */
  readonly config: () => Config
  /** Gets each configuration once it is on the node. */
  readonly onConfig: (config: Config) => void
  /** Gets what the cluster is called where the configuration does not say it, once handlers know; `null`: nobody says. */
  readonly onCluster: (id: string | null) => void
  /** Gets whether coredog-api serves the crashes of the cluster, as often as that changes. */
  readonly onApi: (isThere: boolean) => void
  readonly hasApi: () => boolean
  /** How the cluster is called; `null`: not known yet. */
  readonly cluster: () => string | null
  /** How the cluster is and was called; none: not known yet. */
  readonly clusterNames: () => readonly string[]
  /** Gets why the newest one cannot be used; `null`: it can. */
  readonly onRefused: (refusal: Refusal | null) => void
}

/** Everything that goes on until the installer is stopped, a line each. */
export function activitiesOf(work: BackgroundWork): readonly Activity[] {
  const { node, metrics, recorder } = work
  const { host, places, log } = node
  const inState = (name: string) => host.path(path.posix.join(places.stateFolder, name))
  return [
    signal => keepConfiguration(work, signal),
    signal => handNode(work, signal),
    signal => keepPods(work, signal),
    signal =>
      followHandlerLog(
        host.path(places.handlerLog),
        {
          positionFile: inState('log-position.json'),
          print: line => void process.stdout.write(`${line}\n`),
          onLine: entry => makeKnown(entry, work),
          log,
        },
        signal,
      ),
    signal =>
      tellOfDrops({ metrics, recorder }, { positionFile: inState('kernel-log-position.json'), log }, signal),
    signal => recorder.postLeft(signal),
    signal => giveLeaseBack(work.lease, signal),
    signal => answerProbes(work, signal),
  ]
}

/** What the node is called, and, once that is known, the cluster, and whether coredog-api is there. */
async function handNode(
  { node, handoffNode, kube, onCluster, onApi }: BackgroundWork,
  signal: AbortSignal,
): Promise<void> {
  const { log } = node
  const file = await HandoffNodeFile.open(bothFiles(node, RUN_FILES.node), handoffNode)
  await file.write({})
  if (kube === null) return onCluster(null)
  if (file.cluster !== null) onCluster(file.cluster)
  const cluster = findClusterId(kube, log, signal).then(async found => {
    if (signal.aborted) return
    await file.write({ cluster: found ?? undefined })
    onCluster(found)
  })
  const onChange = async (isThere: boolean) => {
    onApi(isThere)
    await file.write({ hasApi: isThere || undefined })
  }
  await Promise.all([cluster, watchApiPresence({ kube, log, onChange }, signal)])
}

/** Which pods there are, for handlers: at first those of before. */
async function keepPods({ node, kube, handoffNode, book, config }: BackgroundWork, signal: AbortSignal) {
  if (kube === null) return
  const { log } = node
  const files = bothFiles(node, RUN_FILES.pods)
  const kept = new KeptPods(files, log)
  book.remember(await kept.restore())
  const write = async (pods: string) => {
    await writeAtomic(files.handoff, pods)
    void kept.keep(pods) // a disk that hangs is not to keep pods from handlers
  }
  const isWanted = (pod: HandoffPod) => isCollected(config().collect, pod)
  await watchPods({ kube, nodeName: handoffNode.name, write, isWanted, log, book }, signal)
}

/** What the API server said: for handlers, and for a start without it. */
function bothFiles({ host, places }: Node, name: string) {
  const handoff = host.path(path.posix.join(places.runFolder, name))
  return { handoff, kept: host.path(path.posix.join(places.stateFolder, 'api-server', name)) }
}

/**
 * With each configuration, what hangs on it: the handler's cgroup, the addresses, the credentials, the
 * outbox, the spool, retention.
 */
function keepConfiguration(work: BackgroundWork, signal: AbortSignal): Promise<void> {
  const { node, handoffNode, metrics, recorder, source, env, onConfig } = work
  const { host, log } = node
  const onRefused = async (error: OperatorError | null) => {
    const refusal = error && { reason: error.message, hint: error.hint }
    work.onRefused(refusal)
    if (refusal !== null) {
      metrics.countRefusedConfiguration()
      recorder.recordNodeEvent('ConfigurationRefused', `${refusal.reason}. ${refusal.hint}`)
    }
    await writeRefusal(node, refusal)
  }
  // A chat counts on, whatever the configuration says by now.
  const limiters = new ChatLimiters()
  const ours = new Map<string, number>()
  const alerts = new AlertBook()
  return watchConfiguration(
    {
      source,
      host,
      log,
      onRefused,
      onConfig: async (config, until) => {
        onConfig(config)
        await Promise.all([
          keepCgroup(node, config, until),
          watchAddresses({ config, host, log }, until),
          watchCredentials({ config, host, log }, until),
          watchConditionalWrites({ config, host, nodeName: handoffNode.name, log }, until),
          watchDumps({ config, host, recorder, log, take: takeCoresOf(work, config) }, until),
          tellOfClosedGroups({ config, host, log }, until),
          renewAlerts({ config, alerts, host, log, hasApi: work.hasApi }, until),
          deliverOutbox(
            {
              config,
              limiters,
              turns: turnsOf(work, config, ours),
              alerts,
              host,
              env,
              metrics,
              log,
              hasApi: work.hasApi,
            },
            until,
          ),
          finishSpool(
            { config, host, log, metrics, cluster: work.cluster, onFinished: finishedOf(work) },
            until,
          ),
          tidy({ config, host, log }, until),
          keepGroups({ ...groupsOf(work), config }, until),
          keepUp({ ...work, onFull: onFullOf(work), config, host, nodeName: handoffNode.name, log }, until),
        ])
      },
    },
    signal,
  )
}

function turnsOf(
  { node: { host, log } }: BackgroundWork,
  config: Config,
  ours: Map<string, number>,
): ChatTurns {
  const runFolder = host.path(config.paths.run)
  return new ChatTurns({
    store: openHostStore(host, config),
    isOn: async () => (await readDedupeScope(runFolder, config)).scope === 'cluster',
    now: () => new Date(),
    clock: REAL_CLOCK,
    ours,
    random: Math.random,
    log,
  })
}

function groupsOf({ node: { host, log }, handoffNode, lease, clusterNames, hasApi }: BackgroundWork) {
  const clusterName = () => clusterNames()[0] ?? ''
  return { host, nodeName: handoffNode.name, clusterName, lease, hasApi, log }
}

function onFullOf({ recorder, handoffNode }: BackgroundWork): UpkeepOptions['onFull'] {
  return (namespace, use) =>
    recorder.record(quotaEvent({ namespace, use, node: handoffNode.name, time: new Date() }))
}

/** A crash that we finished counts as one that its handler stored, or lost. */
function finishedOf(work: BackgroundWork): SpoolOptions['onFinished'] {
  return ({ report, told }) => {
    if (told) return
    const hasCore = report.core?.key !== undefined
    const entry = { level: hasCore ? 30 : 50, time: new Date().toISOString(), report }
    if (hasCore) makeKnown({ ...entry, msg: 'crash stored' }, work)
    else
      makeKnown(
        { ...entry, msg: 'crash lost', err: { message: whyNotKept(report.core?.incompleteReason ?? '') } },
        work,
      )
  }
}

function makeKnown(entry: HandlerLogEntry, { metrics, recorder, handoffNode }: BackgroundWork): void {
  metrics.countLine(entry)
  recorder.record(eventOf(entry, handoffNode.name))
}

function takeCoresOf({ handler, node: { host, places, log } }: BackgroundWork, { limits }: Config): TakeCore {
  const configFile = host.path(path.posix.join(places.configFolder, CONFIG_FILE))
  const cgroup = { host, memoryBytes: limits.memoryBytes, log }
  return takeByHandler({
    program: path.resolve(handler),
    configFile,
    root: host.root,
    onStart: pid => moveToReaderCgroup(pid, cgroup),
  })
}

/** Of one of its containers, at least. */
function isCollected(policy: CollectConfig, pod: HandoffPod): boolean {
  const container = { name: '' }
  const identity = { kind: 'container', containerId: null, podUid: pod.uid, pod, container } as const
  return decide(policy, identity).do === 'collect'
}

const REPAIR_SECONDS = 60

/** Made again and again: a program that tidies up cgroups takes an empty one away. */
async function keepCgroup(
  { host, places, log }: Node,
  { limits }: Config,
  signal: AbortSignal,
): Promise<void> {
  for await (const _ of tickEvery(REPAIR_SECONDS, signal)) {
    try {
      await makeHandlerCgroup(host, { limits, runFolder: places.runFolder })
    } catch (error) {
      // Without it the handler works as well, and weighs as much as any program of the node.
      log.warn({ err: error }, 'cgroup of the handler not made')
    }
  }
}

async function giveLeaseBack(lease: Lease | null, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  await lease?.giveBack()
}

async function answerProbes(
  { port, health, metrics, views }: BackgroundWork,
  signal: AbortSignal,
): Promise<void> {
  const server = await serveHealth({ port, health, metrics, views })
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
  await server.close()
}
