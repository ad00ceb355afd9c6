import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { ChatRoom } from './chat-room.ts'
import { Containerd } from './containerd.ts'
import { CorePattern } from './core-pattern.ts'
import { HandlerOnNode } from './handler-on-node.ts'
import { buildImages, type Images } from './images.ts'
import { type Pod, type PodSpec, runPod } from './pod.ts'
import { StoredCrashes } from './stored-crashes.ts'
import { clearWorkspace, makeWorkspace, sweepWorkspaces } from './workspace.ts'

/** A node with everything that a crash meets on its way, and all of it real but the chat. */
export interface World extends AsyncDisposable {
  /** Short, and gone afterwards. */
  readonly dir: string
  readonly images: Images
  readonly containerd: Containerd
  readonly handler: HandlerOnNode
  /** The shared file system that the handler stores to unless told otherwise. */
  readonly store: StoredCrashes
  readonly chat: ChatRoom
  /** The handler's configuration in which all goes well, but for its paths. */
  readonly settings: object
  /** Puts `pattern` into the kernel until the world ends, or the next call. */
  setCorePattern(pattern: string): Promise<void>
  /** The handler's configuration in which all goes well; `changes` replaces whole sections. */
  configure(changes?: object): void
  runPod(spec: PodSpec): Promise<Pod>
}

/** The most handlers at once: over it the kernel drops cores in silence. 0 would not hold the process. */
const PIPE_LIMIT = 32

/**
 * Opens a world around the handler `program`, once the kernel's core_pattern is ours. Closing it leaves
 * the machine as it was; if we are killed, the pattern's keeper and the next world's sweep do.
 */
export async function openWorld(program: string): Promise<World> {
  await using opened = new AsyncDisposableStack()
  const kernel = opened.use(await CorePattern.own(600))
  await sweepWorkspaces()
  const dir = opened.adopt(makeWorkspace(), clearWorkspace)
  const images = await buildImages(process.env.COREDOG_E2E_BUILD ?? path.join(dir, 'build'))
  const containerd = opened.use(await Containerd.start(dir, images.pause))
  await containerd.import(images.crashers)
  const chat = opened.use(await ChatRoom.open())
  const handler = await HandlerOnNode.install(dir, program)
  const store = new StoredCrashes(path.join(dir, 'store'))
  mkdirSync(store.root)
  const settings = {
    StorageConfig: { protocol: 'cfs', CFSMountPath: store.root, StoreDir: '/' },
    NoticeChannel: [{ chan: 'feishu', webhookurl: chat.webhookUrl }],
    cri: { sockets: [containerd.socket] },
    dedupe: { window: '0s' },
    limits: { perWorkload: 0 },
  }
  const everything = opened.move()
  return {
    dir,
    images,
    containerd,
    handler,
    store,
    chat,
    settings,
    setCorePattern: pattern => kernel.set({ pattern, pipeLimit: PIPE_LIMIT }),
    configure: changes => handler.configure({ ...settings, ...changes }),
    runPod: spec => runPod(containerd.cri, dir, spec),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}
