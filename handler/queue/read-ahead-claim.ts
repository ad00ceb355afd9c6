import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { messageOf } from '../../crash/errors.ts'
import { readAheadBudget } from '../../handoff/read-ahead-budget.ts'
import { roomInCgroup } from './cgroup-room.ts'
import { ClaimFolder } from './claim-folder.ts'
import { NodeMemory } from './node-memory.ts'

/** In such pieces the node's memory is given out. */
export const TOKEN_BYTES = 32 * 2 ** 20

// What a handler takes beside its blocks: of one that waits for its slot `limits.memory` counts nothing. Of one that
// has it a token is counted twice, which is little, and so a claim need not know.
const OWN_TOKENS = 1

// One claim leaves an eighth of what the others leave. So whatever one core takes, and for however long its store is
// slow, a small one of another pod finds something.
const MOST_OF_THE_REST = 7 / 8

// So few are looked at one by one each time.
const MANY_CLAIMS = 64

// As often as the memory of the node is read.
const ASK_AGAIN_MS = 20

/** What a claim knows the node by. */
export interface ClaimOptions {
  readonly log: Logger
  /** Called before the first byte is held. */
  readonly onFirst?: () => void
  readonly memory?: NodeMemory
  readonly now?: () => number
}

/**
 * This handler's share of what the node may read ahead (`limits.readAhead`), as an Allowance. Nothing here throws: where
 * memory cannot be shared, nothing is read ahead.
 *
 * It says how many tokens it wants, and looks then at what the others say: of two that want the last one, at least the
 * later one sees the other. So those that were granted are never more than there are.
 */
export class ReadAheadClaim {
  readonly #config: Pick<Config, 'limits' | 'paths'>
  readonly #log: Logger
  readonly #onFirst: () => void
  readonly #memory: NodeMemory
  readonly #now: () => number
  #claims: ClaimFolder | null = null
  #budgetTokens = 0
  #tokens = 0
  #isFirst = true
  #isOff: boolean
  #askAgainAt = Number.NEGATIVE_INFINITY

  constructor(config: Pick<Config, 'limits' | 'paths'>, options: ClaimOptions) {
    const { log, onFirst, memory, now } = options
    this.#config = config
    this.#log = log
    this.#onFirst = onFirst ?? (() => undefined)
    this.#memory = memory ?? new NodeMemory()
    this.#now = now ?? (() => performance.now())
    this.#isOff = config.limits.readAheadBytes === 0
  }

  mayHold(bytes: number): boolean {
    if (bytes <= 0) return true
    return this.#safely(() => {
      const roomBytes = this.#memory.roomBytes()
      if (roomBytes < TOKEN_BYTES) return false
      const wanted = tokensFor(bytes)
      return wanted <= this.#tokens || this.#grow(wanted, roomBytes)
    })
  }

  keep(bytes: number): void {
    const tokens = bytes <= 0 ? 0 : tokensFor(bytes)
    if (tokens >= this.#tokens) return
    this.#tokens = tokens
    this.#publish(tokens)
  }

  /** Also after something went wrong: what is not used is another's. */
  #publish(tokens: number): void {
    try {
      this.#claims?.claim(tokens)
    } catch (cause) {
      this.#giveUp(cause)
    }
  }

  #grow(wanted: number, roomBytes: number): boolean {
    const now = this.#now()
    if (now < this.#askAgainAt) return false
    this.#claims ??= this.#open()
    if (this.#isGranted(wanted, roomBytes, this.#claims)) {
      if (this.#isFirst) this.#onFirst()
      this.#isFirst = false
      this.#tokens = wanted
      return true
    }
    this.#askAgainAt = now + ASK_AGAIN_MS
    this.#claims.claim(this.#tokens)
    return false
  }

  #open(): ClaimFolder {
    const { limits, paths } = this.#config
    const budget = readAheadBudget(limits, this.#memory.availableBytes())
    this.#budgetTokens = Math.floor(Math.min(budget, roomInCgroup(this.#config)) / TOKEN_BYTES)
    return ClaimFolder.open(path.join(paths.run, 'turns', 'read-ahead'))
  }

  #isGranted(wanted: number, roomBytes: number, claims: ClaimFolder): boolean {
    if (wanted > this.#mostBeside(0)) return false
    claims.claim(wanted)
    let others = claims.others()
    if (others.length > MANY_CLAIMS || wanted > this.#mostBeside(sum(others))) others = claims.living(others)
    // Each of them may have a token that it has not filled yet.
    return wanted <= this.#mostBeside(sum(others)) && roomBytes >= (others.length + 1) * TOKEN_BYTES
  }

  #mostBeside(otherTokens: number): number {
    return Math.floor((this.#budgetTokens - otherTokens) * MOST_OF_THE_REST)
  }

  #safely(work: () => boolean): boolean {
    if (this.#isOff) return false
    try {
      return work()
    } catch (cause) {
      this.#giveUp(cause)
      this.#publish(this.#tokens)
      return false
    }
  }

  #giveUp(cause: unknown): void {
    if (!this.#isOff) this.#log.warn({ reason: messageOf(cause) }, 'core not read ahead')
    this.#isOff = true
  }
}

function tokensFor(bytes: number): number {
  return Math.ceil(bytes / TOKEN_BYTES) + OWN_TOKENS
}

function sum(claims: readonly { readonly tokens: number }[]): number {
  return claims.reduce((total, { tokens }) => total + tokens, 0)
}
