import { setTimeout as pause } from 'node:timers/promises'
import { type FakeChat, startFakeChat } from '../fakes/fake-chat.ts'
import { type CrashedProcess, crashedProcess, ended, startHandler } from './crashed-process.ts'
import {
  checkStormNotices,
  checkStrays,
  type Outcome,
  outcomeOf,
  type Suffered,
  Violation,
} from './invariant.ts'
import type { Kill, Plan } from './plan.ts'
import type { Programs } from './programs.ts'
import type { Random } from './random.ts'
import { ScratchHost } from './scratch-host.ts'
import type { StoreBehind, Stores } from './store-behind.ts'
import { type Moment, type PassingRequest, StoreProxy } from './store-proxy.ts'
import { SupervisedFinisher } from './supervised-finisher.ts'

// More than so many become one message.
const MOST_ONE_BY_ONE = 5
// A machine that does other things as well starts some handlers a second.
const HANDLER_SECONDS = 240
const HANDLER_SECONDS_EACH = 3
const HEALED_SECONDS = 60
const HEALED_SECONDS_EACH = 3

/** How a trial went. */
export interface TrialResult {
  readonly outcomes: readonly Outcome[]
  /** What really happened, by its name. */
  readonly happened: ReadonlyMap<string, number>
  /** Temporary files of who was killed: they go away after an hour. */
  readonly leftByKills: number
}

/** What a trial is run with. */
export interface Surroundings {
  readonly programs: Programs
  readonly stores: Stores
}

/** A violation, and all that helps to understand it. */
export class TrialFailure extends Error {
  readonly evidence: string

  constructor(message: string, evidence: string) {
    super(message)
    this.evidence = evidence
  }
}

/** One trial: crashes under faults, then all is well, and then nothing may be missing. */
export async function runTrial(
  plan: Plan,
  random: Random,
  { programs, stores }: Surroundings,
): Promise<TrialResult> {
  await using store = await stores.open(plan.clockAheadSeconds)
  using host = new ScratchHost(plan)
  const trial = await Trial.begin(plan, random, programs, store, host)
  try {
    return await trial.run()
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new TrialFailure(
      cause instanceof Violation ? cause.message : String(cause.stack),
      await trial.evidence(),
    )
  } finally {
    await trial.end()
  }
}

interface RunningHandler {
  readonly crashed: CrashedProcess
  kill: () => void
  isAlive: boolean
  killed: boolean
  hadRecord: boolean
  readonly seen: Map<Kill['at'], number>
}

class Trial {
  readonly #plan: Plan
  readonly #programs: Programs
  readonly #store: StoreBehind
  readonly #host: ScratchHost
  readonly #chat: FakeChat
  readonly #proxy: StoreProxy
  readonly #finisher: SupervisedFinisher
  readonly #handlers: readonly RunningHandler[]
  readonly #finisherKills: Kill[]
  readonly #finisherSeen = new Map<Kill['at'], number>()
  readonly #happened = new Map<string, number>()

  private constructor(
    plan: Plan,
    random: Random,
    programs: Programs,
    store: StoreBehind,
    host: ScratchHost,
    chat: FakeChat,
    proxy: StoreProxy,
  ) {
    this.#plan = plan
    this.#programs = programs
    this.#store = store
    this.#host = host
    this.#chat = chat
    this.#proxy = proxy
    this.#finisher = new SupervisedFinisher(programs.finisher, host)
    this.#finisherKills = [...plan.finisherKills]
    this.#handlers = plan.crashes.map(planned => ({
      crashed: crashedProcess(planned, random),
      kill: () => undefined,
      isAlive: false,
      killed: false,
      hadRecord: false,
      seen: new Map(),
    }))
  }

  static async begin(
    plan: Plan,
    random: Random,
    programs: Programs,
    store: StoreBehind,
    host: ScratchHost,
  ): Promise<Trial> {
    // Both call back into what needs them first.
    let trial: Trial | null = null
    const chat = await startFakeChat({ onRequest: () => trial?.onChat() })
    const proxy = await StoreProxy.start(store.endpoint, plan.storeFaults, (moment, request) =>
      trial?.onRequest(moment, request),
    )
    trial = new Trial(plan, random, programs, store, host, chat, proxy)
    return trial
  }

  async run(): Promise<TrialResult> {
    this.#breakThings()
    if (this.#plan.finisherFromStart) this.#startFinisher()
    await Promise.all(this.#handlers.map(handler => this.#handle(handler)))
    if (!this.#finisher.isRunning) this.#startFinisher()
    await pause(this.#plan.lingerMilliseconds)
    await this.#heal()
    await this.#untilQuiet()
    await this.#finisher.stop()
    return this.#judge()
  }

  #breakThings(): void {
    const { wrongCredentials, channelFault, clockAheadSeconds, disk } = this.#plan
    const { credentials } = this.#store
    const wrong = { ...credentials, secretAccessKey: 'not/the/secret' }
    this.#host.configure(
      this.#proxy.endpoint,
      this.#store,
      this.#chat,
      wrongCredentials ? wrong : credentials,
    )
    if (wrongCredentials) this.#count('wrong credentials')
    if (clockAheadSeconds !== 0) this.#count('clock skew')
    if (disk.kind !== 'roomy') this.#count(disk.kind)
    if (channelFault === null) return
    const failure = channelFault.kind === 'channel resets' ? ('reset' as const) : { status: 500 }
    this.#chat.failNext(...Array.from({ length: channelFault.times }, () => failure))
    this.#count(channelFault.kind)
  }

  async #handle(handler: RunningHandler): Promise<void> {
    const { planned } = handler.crashed
    await pause(planned.startsAfterMilliseconds)
    const child = startHandler(
      handler.crashed,
      this.#programs.handler,
      this.#host.configFile,
      this.#host.folder,
    )
    handler.isAlive = true
    handler.kill = () => {
      if (!handler.isAlive) return
      handler.killed = child.kill('SIGKILL')
      this.#count('handler killed')
    }
    const after = planned.kill?.at === 'milliseconds' ? planned.kill.count : null
    const timer = after === null ? null : setTimeout(() => handler.kill(), after)
    if (planned.cutAt !== null) this.#count('core cut')
    const { exitCode, stderr } = await ended(
      child,
      HANDLER_SECONDS + this.#handlers.length * HANDLER_SECONDS_EACH,
    )
    if (timer !== null) clearTimeout(timer)
    handler.isAlive = false
    handler.hadRecord = this.#host.spooled().includes(planned.comm)
    if (stderr !== '' && !handler.killed) throw new Violation(`${planned.comm} said: ${stderr}`)
    if (exitCode !== 0 && !handler.killed) this.#count('crash lost')
  }

  #startFinisher(): void {
    this.#finisher.start()
    for (const kill of this.#plan.finisherKills) {
      if (kill.at === 'milliseconds') setTimeout(() => this.#killFinisher(), kill.count).unref()
    }
  }

  onRequest(moment: Moment, { url }: PassingRequest): void {
    const handler = this.#handlers.find(({ crashed }) => url.includes(`-${crashed.planned.comm}-`))
    if (handler?.isAlive) this.#seenOf(handler, moment)
    else if (this.#isFatal(this.#finisherKills[0], moment, this.#finisherSeen)) this.#killFinisher()
  }

  onChat(): void {
    for (const handler of this.#handlers) if (handler.isAlive) this.#seenOf(handler, 'chat')
    if (this.#isFatal(this.#finisherKills[0], 'chat', this.#finisherSeen)) this.#killFinisher()
  }

  #seenOf(handler: RunningHandler, at: Kill['at']): void {
    if (this.#isFatal(handler.crashed.planned.kill, at, handler.seen)) handler.kill()
  }

  #isFatal(kill: Kill | null | undefined, at: Kill['at'], seen: Map<Kill['at'], number>): boolean {
    seen.set(at, (seen.get(at) ?? 0) + 1)
    return kill?.at === at && kill.count === seen.get(at)
  }

  #killFinisher(): void {
    if (!this.#finisher.isRunning) return
    this.#finisherKills.shift()
    this.#finisherSeen.clear()
    this.#finisher.kill()
    this.#count('finisher killed')
  }

  /** The installer starts its work anew when its configuration has changed. */
  async #heal(): Promise<void> {
    this.#chat.heal()
    this.#proxy.heal()
    await this.#finisher.stop()
    this.#host.configure(this.#proxy.endpoint, this.#store, this.#chat, this.#store.credentials)
    this.#host.hurryOutbox()
    this.#finisher.start()
  }

  async #untilQuiet(): Promise<void> {
    const seconds = HEALED_SECONDS + this.#handlers.length * HEALED_SECONDS_EACH
    const deadline = performance.now() + seconds * 1000
    while (this.#host.spooled().length > 0 || this.#host.owed().length > 0) {
      if (performance.now() > deadline)
        throw new Violation(
          `not finished ${seconds} s after all was well: spool ${this.#host.spooled()}, outbox ${this.#host.owed()}`,
        )
      await pause(50)
    }
  }

  async #judge(): Promise<TrialResult> {
    const { storeDir } = this.#plan
    const objects = await this.#store.objects(storeDir)
    const remains = { objects, notices: this.#chat.messages.map(({ text }) => text) }
    checkStrays(remains)
    const isStorm = this.#handlers.length > MOST_ONE_BY_ONE
    if (isStorm) checkStormNotices(this.#handlers.length, remains)
    const outcomes = await Promise.all(
      this.#handlers.map(handler => outcomeOf(this.#sufferedBy(handler), remains)),
    )
    const open = await this.#store.openUploads(storeDir)
    if (open.length > 0) throw new Violation(`uploads left open: ${open.join(', ')}`)
    const left = this.#host.left()
    const kills = this.#finisher.kills + this.#handlers.filter(({ killed }) => killed).length
    if (left.length > 0 && kills === 0) throw new Violation(`left on the node: ${left.join(', ')}`)
    await this.#store.remove([...objects.keys()])
    const happened = new Map([...this.#proxy.happened, ...this.#happened])
    return { outcomes, happened, leftByKills: left.length }
  }

  #sufferedBy(handler: RunningHandler): Suffered {
    const { crashed, killed, hadRecord } = handler
    return {
      crashed,
      handlerKilled: killed,
      killedBeforeRecord: killed && !hadRecord,
      diskWasSmall: this.#plan.disk.kind !== 'roomy',
      isToldAlone: this.#handlers.length <= MOST_ONE_BY_ONE,
      tellersKilled: this.#finisher.kills + (killed ? 1 : 0),
    }
  }

  #count(what: string): void {
    this.#happened.set(what, (this.#happened.get(what) ?? 0) + 1)
  }

  async evidence(): Promise<string> {
    const objects = await this.#store.objects(this.#plan.storeDir)
    const listing = [...objects].map(([key, { length }]) => `${length} ${key}`)
    return [
      `--- plan\n${JSON.stringify(this.#plan, null, 1)}`,
      `--- happened\n${JSON.stringify([...this.#proxy.happened, ...this.#happened])}`,
      `--- requests\n${this.#proxy.lines.join('\n')}`,
      `--- chat\n${this.#chat.messages.map(({ text }) => JSON.stringify(text)).join('\n')}`,
      this.#host.logs(),
      `--- store\n${listing.join('\n')}\nopen uploads: ${await this.#store.openUploads(this.#plan.storeDir)}`,
      `--- node\n${this.#host.left().join('\n')}`,
    ].join('\n')
  }

  async end(): Promise<void> {
    for (const handler of this.#handlers) handler.kill()
    await this.#finisher.stop()
    await this.#proxy[Symbol.asyncDispose]()
    await this.#chat.close()
  }
}
