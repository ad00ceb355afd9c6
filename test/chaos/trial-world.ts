import type { Credentials } from '../../config/config.ts'
import { type FakeChat, startFakeChat } from '../fakes/fake-chat.ts'
import { crashedProcess } from './crashed-process.ts'
import { LIES } from './fault.ts'
import { MountedStore } from './mounted-store.ts'
import type { Plan } from './plan.ts'
import type { Programs } from './programs.ts'
import type { Random } from './random.ts'
import { RunningHandler } from './running-handler.ts'
import { ScratchHost } from './scratch-host.ts'
import type { StoreBehind, Stores } from './store-behind.ts'
import { type Moment, StoreProxy } from './store-proxy.ts'
import { SupervisedFinisher } from './supervised-finisher.ts'
import { TakenBudget } from './taken-budget.ts'
import { TrialQueue } from './trial-queue.ts'

/** What a trial is run with. */
export interface Surroundings {
  readonly programs: Programs
  readonly stores: Stores
}

/** A node, its store and its chat, all of them with what is going to happen to them. */
export class TrialWorld implements AsyncDisposable {
  readonly plan: Plan
  readonly #behind: StoreBehind
  readonly mounted: MountedStore | null
  readonly host: ScratchHost
  readonly queue: TrialQueue
  readonly #budget: TakenBudget | null
  readonly handlers: readonly RunningHandler[]
  readonly finisher: SupervisedFinisher
  readonly #chat: FakeChat
  readonly #proxy: StoreProxy

  private constructor(
    plan: Plan,
    { store, chat, proxy }: { store: StoreBehind; chat: FakeChat; proxy: StoreProxy },
    handlers: readonly RunningHandler[],
    finisherOn: (host: ScratchHost) => SupervisedFinisher,
  ) {
    this.plan = plan
    this.#behind = store
    this.host = new ScratchHost(plan)
    this.queue = new TrialQueue(this.host.run, pid => this.#onWaits(pid))
    this.#budget = plan.lending.isTakenAway ? new TakenBudget(this.host.run) : null
    this.mounted = plan.hangingStore === null ? null : new MountedStore(this.host.mount)
    this.handlers = handlers
    this.finisher = finisherOn(this.host)
    this.#chat = chat
    this.#proxy = proxy
  }

  static async begin(plan: Plan, random: Random, { programs, stores }: Surroundings): Promise<TrialWorld> {
    const handlers = plan.crashes.map(planned => new RunningHandler(crashedProcess(planned, random)))
    // Both see it begin, and it needs them to begin.
    let world: TrialWorld | null = null
    const store = await stores.open(plan.clockAheadSeconds)
    const chat = await startFakeChat({ onRequest: () => world?.onChat() })
    const proxy = await StoreProxy.start(store, plan.storeFaults, (moment, { url }) =>
      world?.onRequest(moment, url),
    )
    const finisherOn = (host: ScratchHost) =>
      new SupervisedFinisher(programs.finisher, host, plan.finisherKills)
    world = new TrialWorld(plan, { store, chat, proxy }, handlers, finisherOn)
    return world
  }

  /** As a client sees it that meets no fault. */
  get store(): Pick<StoreBehind, 'objects' | 'openUploads' | 'remove'> {
    return this.mounted ?? this.#behind
  }

  async breakThings(): Promise<void> {
    const { wrongCredentials, channelFault, hangingStore, placesAreHeld, concurrency } = this.plan
    const { credentials } = this.#behind
    this.#configure(wrongCredentials ? { ...credentials, secretAccessKey: 'not/the/secret' } : credentials)
    if (placesAreHeld) await this.queue.hold(concurrency)
    if (hangingStore !== null) await this.mounted?.hang(hangingStore.afterMilliseconds)
    if (channelFault === null) return
    const failure = channelFault.kind === 'channel resets' ? ('reset' as const) : { status: 500 }
    this.#chat.failNext(...Array.from({ length: channelFault.times }, () => failure))
  }

  /** The installer starts its work anew when its configuration has changed. */
  async heal(): Promise<void> {
    this.#chat.heal()
    this.#proxy.heal()
    await this.mounted?.heal()
    await this.finisher.stop()
    this.#configure(this.#behind.credentials)
    // Behind a store that hangs, some may not have ended.
    this.host.hurryOutbox(this.handlers.flatMap(({ isAlive, comm }) => (isAlive ? comm : [])))
    this.finisher.start()
  }

  /** What the chat was told, each as one text. */
  notices(): readonly string[] {
    return this.#chat.messages.map(({ text }) => text)
  }

  /** Whether the store has confirmed what it then did not have. */
  get storeLied(): boolean {
    return LIES.some(lie => this.#proxy.happened.has(lie))
  }

  /** What really happened, by its name, and how often. */
  happened(): ReadonlyMap<string, number> {
    const { wrongCredentials, clockAheadSeconds, disk, channelFault, maxHoldSeconds } = this.plan
    const count = (what: (handler: RunningHandler) => boolean) => this.handlers.filter(what).length
    const all: (readonly [string, number])[] = [
      ...this.#proxy.happened,
      ['wrong credentials', wrongCredentials ? 1 : 0],
      ['mounted store hangs', this.mounted?.hasHung ? 1 : 0],
      ['clock skew', clockAheadSeconds === 0 ? 0 : 1],
      [disk.kind, disk.kind === 'roomy' ? 0 : 1],
      [channelFault?.kind ?? '', channelFault === null ? 0 : 1],
      ['held too long', maxHoldSeconds > 0 ? 1 : 0],
      ['nothing read ahead', this.plan.lending.readAhead === '0' ? 1 : 0],
      ['what is lent is taken away', this.#budget?.isTaken ? 1 : 0],
      ['core cut', count(({ crashed }) => crashed.planned.cutAt !== null)],
      ['handler killed', count(({ killed }) => killed)],
      [
        'handler killed while it waits',
        count(({ killed, crashed: { planned } }) => killed && planned.kill?.at === 'waiting'),
      ],
      ['handler killed before it began', count(({ killedBeforeBegun }) => killedBeforeBegun)],
      ['handler could keep nothing', count(({ gaveUp }) => gaveUp)],
      ['finisher killed', this.finisher.kills],
      ['core went to the spool', this.host.logged('core goes to the spool')],
      ['finisher tried again', this.host.logged('spooled crash not finished')],
    ]
    return new Map(all.filter(([, times]) => times > 0))
  }

  async evidence(): Promise<string> {
    // Or who looks hangs as well.
    await this.mounted?.heal()
    const objects = await this.store.objects(this.plan.storeDir)
    return [
      `--- plan\n${JSON.stringify(this.plan, null, 1)}`,
      `--- happened\n${JSON.stringify([...this.happened()])}`,
      `--- requests\n${this.#proxy.lines.join('\n')}`,
      `--- chat\n${this.notices()
        .map(text => JSON.stringify(text))
        .join('\n')}`,
      this.host.logs(),
      `--- store\n${[...objects].map(([key, { length }]) => `${length} ${key}`).join('\n')}`,
      `open uploads: ${await this.store.openUploads(this.plan.storeDir)}`,
      `--- node\n${this.host.left().join('\n')}`,
    ].join('\n')
  }

  onRequest(moment: Moment, url: string): void {
    const handler = this.handlers.find(({ comm }) => url.includes(`-${comm}-`))
    if (handler?.isAlive) handler.sees(moment)
    else this.finisher.sees(moment)
  }

  onChat(): void {
    for (const handler of this.handlers) handler.sees('chat')
    this.finisher.sees('chat')
  }

  #onWaits(pid: number): void {
    this.handlers.find(handler => handler.pid === pid)?.sees('waiting')
    if (!this.handlers.some(({ isToWait }) => isToWait)) this.queue.free()
  }

  #configure(credentials: Credentials): void {
    const { storeDir } = this.plan
    const s3 = () => this.#behind.settings(this.#proxy.endpoint, credentials, storeDir)
    this.host.configure(this.mounted?.settings(storeDir) ?? s3(), this.#chat)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mounted?.heal()
    for (const handler of this.handlers) handler.kill()
    await this.finisher.stop()
    await this.#proxy[Symbol.asyncDispose]()
    await this.#chat.close()
    this.queue[Symbol.dispose]()
    this.#budget?.[Symbol.dispose]()
    this.host[Symbol.dispose]()
    await this.#behind[Symbol.asyncDispose]()
  }
}
