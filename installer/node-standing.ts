import type { Config } from '../config/config.ts'
import type { Refusal } from '../handoff/run-folder.ts'
import { withinSeconds } from '../time/within-seconds.ts'
import type { NodeState } from './node/node-state.ts'
import type { NodeHealth } from './node/watch-node.ts'
import type { Health } from './status/health.ts'
import type { Problem } from './status/problem.ts'

/** Of which no crash of the node is collected where CoreDog is new to it. */
const LONGEST_SECONDS = 3

const UNCONFIGURED: Problem = { what: 'no valid configuration has been there yet', hint: '' }

/** The configuration in force, and how the node is. */
export class NodeStanding implements Health {
  config: Config
  /** The last that an operator said; `null`: it could never be read, and {@link config} says of no destination. */
  taken: Config | null = null
  turnedAt: Date | null = null
  /** What the last round found; `null`: none has ended yet. */
  state: NodeState | null = null
  #troubles: readonly Problem[] = [UNCONFIGURED]
  /** Whether coredog-api serves the crashes of the cluster. */
  hasApi = false
  #refusal: Refusal | null = null
  #clusterId: string | null = null
  readonly #configured = Promise.withResolvers<void>()
  readonly #asked = Promise.withResolvers<void>()

  constructor(config: Config) {
    this.config = config
  }

  take(config: Config): void {
    this.config = config
    this.taken = config
    this.#configured.resolve()
  }

  /** `null`: nobody says. */
  setClusterId(id: string | null): void {
    this.#clusterId = id
    this.#asked.resolve()
  }

  get clusterName(): string | null {
    return this.config.cluster ?? this.#clusterId
  }

  /** A crash that was stored before the cluster was given a name is its own, too. */
  get clusterNames(): readonly string[] {
    return [this.config.cluster, this.#clusterId].filter(name => name !== null)
  }

  refuse(refusal: Refusal | null): void {
    this.#refusal = refusal
  }

  get problems(): readonly string[] {
    return this.troubles.map(({ what, hint }) => (hint === '' ? what : `${what}. ${hint}`))
  }

  /** First that the configuration is refused: what else is wrong may follow from it. */
  get troubles(): readonly Problem[] {
    if (this.#refusal === null) return this.#troubles
    const { reason, hint } = this.#refusal
    return [{ what: `configuration refused: ${reason}`, hint }, ...this.#troubles]
  }

  /**
   * Resolves once it is known what the cluster is called, or that nobody says, or the API server takes long. A handler
   * that is called before could not say whose a crash is.
   */
  async named(seconds = LONGEST_SECONDS): Promise<void> {
    if (this.config.cluster !== null) return
    await withinSeconds(seconds, this.#asked.promise).catch(() => undefined)
  }

  turn(health: NodeHealth): void {
    this.turnedAt = new Date()
    this.state = health.round?.state ?? this.state
    this.#troubles = health.ready ? [] : [{ what: health.reason, hint: health.hint ?? '' }]
  }

  /**
   * Resolves once the node has a configuration, or `stop` is aborted. Until then the node is left alone: the
   * program that was there before us does better with a crash. We are alive meanwhile, and not ready.
   */
  async configured(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.#configured.resolve(), { once: true })
    if (stop.aborted) this.#configured.resolve()
    const beat = setInterval(() => {
      this.turnedAt = new Date()
    }, 1000)
    await this.#configured.promise
    clearInterval(beat)
  }
}
