import { messageOf } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import { type Pause, pause } from '../../time/pause.ts'
import type { Node } from '../node/node.ts'

// Rare enough that ten thousand nodes are some thirty small questions a second for the API server.
const AGAIN_SECONDS = 300
const DEADLINE_MS = 10_000

/** `/apis/<group>` of what serves crashes: there is one where an APIService was made for it. */
const GROUP_PATH = '/apis/coredog.io'

/**
 * Tells `onChange` whether coredog-api is installed, as often as that changes, until `signal` aborts; at first it
 * counts as absent. An API server that does not answer says nothing new.
 */
export async function watchApiPresence(
  { kube, log, onChange }: Watching,
  signal: AbortSignal,
  wait: Pause = pause,
  random = Math.random,
): Promise<void> {
  let known = false
  while (!signal.aborted) {
    const found = await isThere(kube, log)
    if (found !== null && found !== known) {
      known = found
      await onChange(found)
    }
    await wait(AGAIN_SECONDS * (0.5 + random()), signal)
  }
}

interface Watching {
  readonly kube: Pick<KubeClient, 'get'>
  readonly log: Node['log']
  readonly onChange: (isThere: boolean) => Promise<void>
}

/** `null`: nobody says. */
async function isThere(kube: Watching['kube'], log: Node['log']): Promise<boolean | null> {
  try {
    await kube.get(GROUP_PATH, AbortSignal.timeout(DEADLINE_MS))
    return true
  } catch (error) {
    if (error instanceof KubeError && (error.status === 404 || error.status === 403)) return false
    log.debug({ reason: messageOf(error) }, 'it is not known whether coredog-api is installed')
    return null
  }
}
