import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** Of those that stream a core on this node just now, one place. */
export interface Turn {
  end(): void
}

/** Who waits, and for what. */
export interface Waiting {
  /** How many may be at it at once. */
  readonly places: number
  readonly patienceSeconds: number
  /** Sorts before that of whoever came later. */
  readonly ticket: string
}

const LOOK_MILLISECONDS = 50
const LONGEST_LOOK_MILLISECONDS = 1000

/**
 * Waits until fewer than `places` others stream their cores, in the order of tickets. Who waits has read nothing, so
 * the kernel holds the crashed process, and no core is dropped; when patience is over it goes ahead all the same.
 *
 * A place and a ticket are abstract unix sockets: the kernel frees them when their holder ends, however it ends.
 */
export async function takeTurn(waiting: Waiting, name = 'coredog-handler'): Promise<Turn> {
  const { places, patienceSeconds, ticket } = waiting
  const queued = await listen(`\0${name}-waits-${ticket}`)
  const deadline = performance.now() + patienceSeconds * 1000
  try {
    for (;;) {
      const ahead = await countAhead(`${name}-waits-`, ticket)
      const taken = ahead < places ? await tryPlaces(places, name) : null
      if (taken !== null) return taken
      if (performance.now() > deadline) return { end: () => undefined }
      // Two hundred that ask twenty times a second would be work for a whole core.
      await setTimeout(Math.min(LOOK_MILLISECONDS * Math.max(1, ahead), LONGEST_LOOK_MILLISECONDS))
    }
  } finally {
    queued?.close()
  }
}

async function tryPlaces(places: number, name: string): Promise<Turn | null> {
  for (let place = 0; place < places; place += 1) {
    const server = await listen(`\0${name}-${place}`)
    if (server !== null) return { end: () => void server.close() }
  }
  return null
}

/** How many came before; 0 if the kernel does not show. */
async function countAhead(prefix: string, ticket: string): Promise<number> {
  return (await socketsOf(prefix)).filter(other => other < ticket).length
}

/** How many have a place, or wait for one; 0 if the kernel does not show. */
export async function countCrowd(name = 'coredog-handler'): Promise<number> {
  return (await socketsOf(`${name}-`)).length
}

/** What stands behind `prefix` in the names of abstract sockets. */
async function socketsOf(prefix: string): Promise<readonly string[]> {
  const text = await readFile('/proc/net/unix', 'utf8').catch(() => '')
  // An abstract name is shown with an @ where its NUL is: proc_net(5).
  const marker = ` @${prefix}`
  return text.split('\n').flatMap(line => {
    const at = line.indexOf(marker)
    return at === -1 ? [] : [line.slice(at + marker.length)]
  })
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
