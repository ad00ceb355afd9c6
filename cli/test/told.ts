import { messageOf } from '../../crash/errors.ts'
import type { NodeView } from '../../node-view/node-view.ts'
import { nodeViewIn } from '../../node-view/parse-view.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import type { Cluster } from '../cluster.ts'
import { askInstaller } from '../nodes/asked-installer.ts'
import type { Installer } from '../nodes/installer.ts'
import type { CrashSource } from '../source/source.ts'

const LOOK_EVERY_SECONDS = 2
const MOST_LOOKS = 10

/** Whether the chat was told, as the node's outbox says: what a chat has not taken waits there. */
export async function toldToChat(
  cluster: Cluster,
  installer: Installer | undefined,
  signal: AbortSignal,
  pause: Pause = realPause,
): Promise<{ readonly told: boolean | null; readonly what: string }> {
  if (installer === undefined) return { told: null, what: `${UNSEEN}: its installer is not seen` }
  for (let look = 1; ; look += 1) {
    const asked = await askInstaller(cluster, installer, '/status.json', signal)
    const view = asked.is === 'answered' ? nodeViewIn(asked.body) : null
    if (view === null)
      return {
        told: null,
        what: `${UNSEEN}: ${'why' in asked ? asked.why : 'its installer is of another version'}`,
      }
    const { is, what } = outboxOf(view)
    if (is !== 'waiting' || look === MOST_LOOKS) return { told: is === 'empty', what }
    await pause(LOOK_EVERY_SECONDS, signal)
    signal.throwIfAborted()
  }
}

const UNSEEN = 'whether a chat was told is not seen'

function outboxOf({ waiting, trial }: NodeView): {
  readonly is: 'empty' | 'waiting'
  readonly what: string
} {
  const files = waiting.find(({ name }) => name === 'outbox')?.files ?? 0
  if (files > 0)
    return { is: 'waiting', what: `${files} messages wait on the node for a chat that has not taken them` }
  const channels = trial.checks.find(({ name }) => name === 'channels')
  if (channels?.warning === true) return { is: 'empty', what: 'no chat is configured, so none was told' }
  if (channels === undefined && trial.running) return { is: 'waiting', what: 'no message waits on the node' }
  return { is: 'empty', what: 'the chats were told: no message waits on the node' }
}

/** What the crash is called, where coredog-api or the store can be asked; else why not. */
export async function listedAs(
  open: () => Promise<CrashSource>,
  { namespace, uid }: { readonly namespace: string; readonly uid: string },
  signal: AbortSignal,
): Promise<string> {
  try {
    const source = await open()
    for await (const { spec } of source.list({ namespace, fields: `spec.pod.uid=${uid}` }, signal))
      return `listed as ${spec.id}: kubectl coredog info ${spec.id} -n ${namespace}`
    return 'it is in no list yet'
  } catch (error) {
    if (signal.aborted) throw signal.reason
    return `it was not looked up: ${messageOf(error)}`
  }
}
