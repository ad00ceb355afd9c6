import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { CoreLocation } from '../../crash/core-location.ts'
import { reasonOf } from '../../crash/errors.ts'
import { type ClusterGroup, groupFolder, groupFolderIn } from '../../crash/group-key.ts'
import { encodePlace, ownCoreKey } from '../../groups/place-record.ts'
import { giveBackPlace, readPlace } from '../../groups/places.ts'
import { type Answer, PlaceQuestion } from '../../groups/take-place.ts'
import type { KnownWindowFile } from '../../handoff/known-window.ts'
import { joined } from '../../storage/key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { withinSeconds } from '../../time/within-seconds.ts'
import type { Claim, Places, Taken } from './places.ts'
import { QuestionTime } from './question-time.ts'
import type { WindowMemory } from './window-memory.ts'

interface World {
  readonly store: Pick<ObjectStore, 'putIfNew' | 'get' | 'list' | 'remove' | 'location'>
  readonly memory: WindowMemory
  readonly config: Pick<Config, 'dedupe' | 'storage'>
  /** Of the handlers of a node few ask at once: what that loads takes memory. */
  readonly waitToAsk: (namespace: string, giveUp: Promise<void>) => Promise<{ end(): void }>
  readonly now: () => Date
  readonly log: Logger
}

interface Asking {
  readonly group: ClusterGroup
  /** The group's. */
  readonly folder: string
  readonly claim: Claim
  readonly known: KnownWindowFile | null
  readonly question: PlaceQuestion
  /** As long as an answer is of use; the process is not held for it all. */
  readonly time: QuestionTime
}

/** Its report waits. */
const LOOK_SECONDS = 2
/** People are told after it that a core is lost. */
const GIVE_BACK_SECONDS = 3

/** By conditional writes into the store. */
export class ClusterPlaces implements Places {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  async take(group: ClusterGroup, claim: Claim): Promise<Taken> {
    const folder = groupFolder(group)
    const known = await this.#world.memory.of(folder)
    const time = new QuestionTime(() => false)
    const question = this.#questionOf(folder, claim, known, time.signal)
    const taking = this.#take({ group, folder, claim, known, question, time })
    using patience = new QuestionTime(claim.isHeld)
    return await Promise.race([taking, patience.over]).catch(() =>
      claim.isHeld() ? { outcome: 'unanswered', place: question.asked, later: taking } : taking,
    )
  }

  /** Never rejects. */
  async #take({ group, folder, claim, known, question, time }: Asking): Promise<Taken> {
    const { memory, log } = this.#world
    using _ = time
    try {
      const answer = await this.#answerTo(question, group, time)
      const core = coreKnownOf(answer, claim, known)
      await memory.note(folder, { ...answer.known, ...(core !== undefined && { core }) })
      return this.#takenBy(answer, group, core)
    } catch (cause) {
      log.warn({ crash: claim.id, ...reasonOf(cause) }, 'cluster not asked which core is kept')
      return { outcome: 'unanswered', place: question.asked }
    }
  }

  #questionOf(
    folder: string,
    { isHeld: _, time, ...claim }: Claim,
    known: KnownWindowFile | null,
    signal: AbortSignal,
  ): PlaceQuestion {
    const { store, now, config } = this.#world
    return new PlaceQuestion(store, {
      ...{ folder, known, signal },
      body: encodePlace({ ...claim, time: time.toISOString() }),
      rule: config.dedupe,
      now: Math.floor(now().getTime() / 1000),
    })
  }

  /** What does not look at the signal, as the loading of what speaks with the store, is left behind. */
  async #answerTo(
    question: PlaceQuestion,
    { namespace }: ClusterGroup,
    { over }: QuestionTime,
  ): Promise<Answer> {
    if (question.isAnswered) return await question.ask()
    const giveUp = Promise.withResolvers<void>()
    over.catch(() => giveUp.resolve())
    const slot = await Promise.race([this.#world.waitToAsk(namespace, giveUp.promise), over])
    try {
      return await Promise.race([question.ask(), over])
    } finally {
      slot.end()
    }
  }

  #takenBy({ outcome, place, window }: Answer, group: ClusterGroup, core: string | undefined): Taken {
    if (outcome === 'won') return { outcome, place }
    const location = this.#locationOf(group, core)
    return {
      outcome,
      place,
      until: new Date(window.endsAt * 1000),
      ...(location !== null && { core: location }),
    }
  }

  async giveBack(place: string, id: string, kept: 'a part' | 'nothing'): Promise<void> {
    const { store, memory, log } = this.#world
    try {
      await withinSeconds(GIVE_BACK_SECONDS, giveBackPlace(store, place, id))
    } catch (cause) {
      log.warn({ crash: id, place, ...reasonOf(cause) }, 'place not given back')
    }
    const folder = groupFolderIn(place)
    if (folder !== null && kept === 'nothing') await memory.forget(folder)
  }

  async coreAt(group: ClusterGroup, place: string): Promise<CoreLocation | null> {
    const { store, memory } = this.#world
    const signal = AbortSignal.timeout(LOOK_SECONDS * 1000)
    const found = await withinSeconds(LOOK_SECONDS, readPlace(store, place, signal)).catch(() => null)
    const folder = groupFolder(group)
    const known = await memory.of(folder)
    if (found !== null && known !== null) await memory.note(folder, { ...known, core: found.core })
    return this.#locationOf(group, found?.core)
  }

  #locationOf(group: ClusterGroup, core: string | undefined): CoreLocation | null {
    const key = ownCoreKey(group, core)
    if (key === null) return null
    const { store, config } = this.#world
    return { key: joined(config.storage.storeDir, key), url: store.location(key) }
  }
}

/** Of the same window, whoever's it is. */
function coreKnownOf(
  { outcome, window }: Answer,
  claim: Pick<Claim, 'core'>,
  known: KnownWindowFile | null,
): string | undefined {
  if (outcome === 'won') return claim.core
  const isSame = known?.outbreak === window.outbreak && known.number === window.number
  return isSame ? known.core : undefined
}
