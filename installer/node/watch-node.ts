import { setInterval } from 'node:timers/promises'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { handlerOf } from '../../crash/our-pattern.ts'
import { writeHeartbeat } from './heartbeat.ts'
import { writerOf } from './known-writer.ts'
import type { Node } from './node.ts'
import { isGivenUp, judgeAtBeginning, judgeAtEnd, type Ownership, UNCONTESTED } from './pattern-ownership.ts'
import type { Wanted } from './plan.ts'
import { type Bringing, type Round, reconcile } from './reconcile.ts'
import { readSysctls, type Sysctls } from './sysctl.ts'

/** Another program wrote core_pattern, or lowered core_pipe_limit, after we had set it. */
export interface ForeignWrite {
  readonly writer: string
  readonly found: Sysctls
  /** How often it happened; ten minutes of peace begin anew. */
  readonly lost: number
  /** It was once too often: it stays theirs. */
  readonly givenUp: boolean
}

/** How the node is after a round. */
export type NodeHealth =
  /** A crash now would be collected. */
  | { readonly ready: true; readonly round: Round }
  | { readonly ready: false; readonly reason: string; readonly hint?: string; readonly round?: Round }

/** Whom a round tells, and what it needs of the world. */
export interface Watching {
  /** Asked at every round: the configuration may have changed. */
  readonly wanted: () => Omit<Wanted, 'contested'>
  /** Asked at every round, too. */
  readonly uninstallAfterSeconds: () => number
  /** When to have a round; see {@link occasions}. */
  readonly rounds: AsyncIterable<unknown>
  readonly now: () => Date
  readonly onForeignWrite: (write: ForeignWrite) => void
  readonly onHealth: (health: NodeHealth) => void
}

/**
 * Keeps the node right until `rounds` ends. A fault is logged and tried again at the next round. Runs once at
 * a time: the next round is asked for when this one is over.
 */
export async function watchNode(node: Node, bringing: Bringing, watching: Watching): Promise<void> {
  let ownership = UNCONTESTED
  let before: NodeHealth | null = null
  for await (const _ of watching.rounds) {
    const { health, ownership: after } = await round(node, bringing, watching, ownership)
    ownership = after
    if (!sameHealth(before, health)) logHealth(node, health)
    before = health
    watching.onHealth(health)
  }
}

async function round(
  node: Node,
  bringing: Bringing,
  watching: Watching,
  ownership: Ownership,
): Promise<{ health: NodeHealth; ownership: Ownership }> {
  let judged = ownership
  try {
    const { now, uninstallAfterSeconds } = watching
    // Before core_pattern is ours: a handler that finds an old one would leave at once.
    await writeHeartbeat(node, {
      time: now().toISOString(),
      uninstallAfterSeconds: uninstallAfterSeconds(),
    })
    judged = await judgeFound(node, watching, ownership)
    const wanted = watching.wanted()
    const done = await reconcile(node, { ...wanted, contested: isGivenUp(judged) }, bringing)
    // What is written on the machine is no foreign writer's of a node that never writes.
    const isOthers = done.state.container !== null && wanted.way === 'pipe'
    const judgedAtEnd = () => judgeAtEnd(judged, done.state, wanted.way, now().getTime())
    return { health: healthOf(done), ownership: isOthers ? UNCONTESTED : judgedAtEnd() }
  } catch (error) {
    return { health: unhealthy(error), ownership: judged }
  }
}

/** Counts how often another program has undone what we set, and logs it. */
async function judgeFound(node: Node, watching: Watching, ownership: Ownership): Promise<Ownership> {
  const found = await readSysctls(node.sysctlFolder)
  const judged = judgeAtBeginning(ownership, found, watching.now().getTime())
  if (judged.lost > ownership.lost) {
    const writer = handlerOf(found.corePattern) === null ? writerOf(found.corePattern) : 'another program'
    const write: ForeignWrite = { writer, found, lost: judged.lost, givenUp: isGivenUp(judged) }
    node.log.warn({ ...write }, 'foreign writer')
    watching.onForeignWrite(write)
  }
  return judged
}

function healthOf(round: Round): NodeHealth {
  const { leftAlone } = round
  return leftAlone === null ? { ready: true, round } : { ready: false, ...leftAlone, round }
}

function unhealthy(error: unknown): NodeHealth {
  return {
    ready: false,
    reason: messageOf(error),
    ...(error instanceof OperatorError && { hint: error.hint }),
  }
}

function sameHealth(before: NodeHealth | null, after: NodeHealth): boolean {
  return before?.ready === after.ready && (after.ready || (!before.ready && before.reason === after.reason))
}

function logHealth({ log }: Node, health: NodeHealth): void {
  if (health.ready) log.info({ pattern: health.round.state.corePattern }, 'node ready')
  else log.error({ reason: health.reason, hint: health.hint }, 'node not ready')
}

const LOOK_EVERY_MS = 1_000

const LOOKS_A_ROUND = 10

/**
 * At once, every ten seconds, and within a second when the settings are changed. Nothing tells of that:
 * inotify does not work in /proc. Ends with `signal`.
 */
export async function* occasions(node: Node, signal: AbortSignal): AsyncGenerator<void> {
  // Told to stop before it began, as when no configuration ever came: then the node is not to be touched.
  if (signal.aborted) return
  try {
    yield
    let seen = await look(node)
    let looks = 0
    for await (const _ of setInterval(LOOK_EVERY_MS, undefined, { signal })) {
      looks += 1
      if (looks < LOOKS_A_ROUND && (await look(node)) === seen) continue
      yield
      seen = await look(node)
      looks = 0
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** A setting that cannot be read is the next round's to tell. */
async function look({ sysctlFolder }: Node): Promise<string> {
  return readSysctls(sysctlFolder).then(JSON.stringify, messageOf)
}
