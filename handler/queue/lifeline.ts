import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { codeOf } from '../../crash/system-error.ts'

/**
 * A unix socket that lives as long as the process that made it, or until it is ended: the kernel closes it
 * with the process, however that ends, and so tells the processes that are connected. So its end is waited
 * for without asking again and again.
 */
export class Lifeline {
  readonly #server: Server
  readonly #watchers = new Set<Socket>()

  private constructor() {
    this.#server = createServer(socket => {
      this.#watchers.add(socket)
      // A watcher that gives up resets the connection, which is no error.
      socket.on('error', () => socket.destroy()).on('close', () => this.#watchers.delete(socket))
      // It must not keep us from ending.
      socket.unref().resume()
    })
  }

  /** Listens at `path`, where nothing may be. Rejects with the errors of `node:net`. */
  static async at(path: string): Promise<Lifeline> {
    const lifeline = new Lifeline()
    lifeline.#server.listen(path)
    await once(lifeline.#server, 'listening')
    lifeline.#server.unref()
    return lifeline
  }

  /** It is closed when this returns. */
  end(): void {
    this.#server.close()
    for (const socket of this.#watchers) socket.destroy()
  }
}

/** Another process's lifeline, watched until it ends or its watcher gives up. */
export interface Watched {
  readonly ended: Promise<void>
  drop(): void
}

/** `null`: the process that made it is gone. Rejects with the errors of `node:net`. */
export async function watch(path: string): Promise<Watched | null> {
  const socket = connect({ path })
  const ended = new Promise<void>(resolve => socket.once('close', () => resolve()))
  try {
    await once(socket, 'connect')
  } catch (cause) {
    if (GONE.has(codeOf(cause))) return null
    throw cause
  }
  // A holder that is killed may leave a reset.
  socket.on('error', () => socket.destroy()).resume()
  return { ended, drop: () => void socket.destroy() }
}

// The file of a socket outlives it; a reset is an end while we connected.
const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT'])
