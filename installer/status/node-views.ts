import { readFile } from 'node:fs/promises'
import type { Config } from '../../config/config.ts'
import { present } from '../../crash/present.ts'
import { VERSION } from '../../crash/version.ts'
import { type NodeView, type ProblemView, VIEW_VERSION } from '../../node-view/node-view.ts'
import type { PodView } from '../../node-view/pod-view.ts'
import type { Node } from '../node/node.ts'
import type { NodeState } from '../node/node-state.ts'
import type { Outcome } from '../node/run-on-host.ts'
import { captureModeOf } from '../node/wanted.ts'
import type { PodBook } from '../supply/pod-book.ts'
import { ContainerViews } from './container-views.ts'
import { type FoldersView, foldersOf } from './folders-view.ts'
import type { Health, Views } from './health.ts'
import { type NodeTrial, tryHandler } from './node-trial.ts'
import { patternOf } from './pattern-view.ts'
import type { Problem } from './problem.ts'
import { Remembered } from './remembered.ts'

/** What the installer knows of its node without looking. */
interface Standing extends Pick<Health, 'turnedAt'> {
  readonly config: Config
  readonly state: NodeState | null
  readonly troubles: readonly Problem[]
}

interface Seen {
  readonly node: Node
  readonly nodeName: string
  readonly standing: Standing
  readonly book: Pick<PodBook, 'get'>
  /** The self-test of our own container's handler. */
  readonly selfTestHere: () => Promise<Outcome>
  readonly now?: () => number
}

// Anybody in the network of the pods may ask, as often as they like.
const FOLDERS_SECONDS = 10
/** A trial writes an object into the store, and removes it. */
const TRIAL_SECONDS = 300

/** This node and its pods, for whoever asks over HTTP. */
export class NodeViews implements Views {
  readonly #seen: Seen
  readonly #folders: Remembered<FoldersView>
  readonly #trial: Remembered<NodeTrial>
  readonly #containers: ContainerViews

  constructor(seen: Seen) {
    const { node, now } = seen
    this.#seen = seen
    this.#folders = new Remembered(() => foldersOf(node, seen.standing.config), FOLDERS_SECONDS, now)
    this.#trial = new Remembered(() => this.#try(), TRIAL_SECONDS, now)
    this.#containers = new ContainerViews(node.host.path('/proc'), now)
  }

  async node(): Promise<NodeView> {
    const { nodeName, standing } = this.#seen
    const { state, config, troubles } = standing
    const folders = await this.#folders.get()
    if (state !== null) this.#trial.renew()
    const trial = this.#trial.last
    const checks = trial?.value.checks ?? []
    return {
      version: VIEW_VERSION,
      node: nodeName,
      coredog: VERSION,
      ready: isReady(standing),
      capture: captureModeOf(config),
      pattern: state === null ? null : patternOf(state, config),
      handler: trial?.value.version ?? null,
      problems: [...troubles, ...checks.filter(({ ok }) => !ok).map(({ name }) => failed(name))],
      ...folders,
      trial: {
        ageSeconds: trial?.ageSeconds ?? null,
        running: this.#trial.isReading,
        checks: checks.map(({ name, ok, warning }) => ({ name, ok, ...present({ warning }) })),
      },
    }
  }

  async pod(uid: string): Promise<PodView | null> {
    const { book, standing, nodeName, node } = this.#seen
    const pod = book.get(uid)
    if (pod === null) return null
    return {
      version: VIEW_VERSION,
      node: nodeName,
      uid,
      capture: captureModeOf(standing.config),
      ready: isReady(standing),
      suidDumpable: await suidDumpable(node),
      containers: await this.#containers.of(pod, standing.config.collect),
    }
  }

  #try(): Promise<NodeTrial> {
    const { node, standing, selfTestHere } = this.#seen
    const isFile = captureModeOf(standing.config) === 'file'
    return tryHandler(node, standing.state, isFile ? selfTestHere : null)
  }
}

function isReady({ turnedAt, troubles }: Standing): boolean {
  return turnedAt !== null && troubles.length === 0
}

/** What it said of itself names buckets and hosts, which is not for everybody. */
function failed(name: string): ProblemView {
  return {
    what: `${name} failed when the handler tried it`,
    hint: 'See what it said: kubectl -n coredog-system exec POD -- /app/coredog-handler installer status',
  }
}

async function suidDumpable({ host }: Node): Promise<number | null> {
  const text = await readFile(host.path('/proc/sys/fs/suid_dumpable'), 'utf8').catch(() => '')
  return /^[012]$/.test(text.trim()) ? Number(text) : null
}
