import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** Of those that stream a core on this node just now, one place. */
export interface Turn {
  end(): void
}

const LOOK_MILLISECONDS = 50

/**
 * Waits until fewer than `places` others stream their cores. Who waits has read nothing, so the kernel holds
 * the crashed process, and no core is dropped; after `patienceSeconds` it goes ahead all the same.
 *
 * A place is an abstract unix socket: the kernel frees it when its holder ends, however it ends.
 */
export async function takeTurn(
  places: number,
  patienceSeconds: number,
  name = 'coredog-handler',
): Promise<Turn> {
  const deadline = performance.now() + patienceSeconds * 1000
  for (;;) {
    for (let place = 0; place < places; place += 1) {
      const server = await listen(`\0${name}-${place}`)
      if (server !== null) return { end: () => void server.close() }
    }
    if (performance.now() > deadline) return { end: () => undefined }
    await setTimeout(LOOK_MILLISECONDS)
  }
}

/** `null`: somebody else does. */
async function listen(socket: string): Promise<Server | null> {
  const server = createServer()
  try {
    server.listen(socket)
    await once(server, 'listening')
    // It is held by being open; it must not keep us from ending.
    return server.unref()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') return null
    throw cause
  }
}
