import { once } from 'node:events'
import net from 'node:net'

/** Of who has CoreDog installed on this machine itself, and the kernel's core settings. */
export const CORE_PATTERN_LOCK = 'coredog-e2e-core-pattern'

/**
 * A lock that one process of this machine holds at a time: an abstract unix socket. The kernel lets go
 * of it when its holder dies, however it dies, and no file stays behind. Who connects reads who the
 * holder is, and sees the end of the connection once the lock is free.
 */
export class MachineLock implements AsyncDisposable {
  readonly #server: net.Server
  readonly #waiting = new Set<net.Socket>()

  private constructor(holder: string) {
    this.#server = net.createServer(socket => {
      this.#waiting.add(socket)
      // A waiter that gives up resets the connection, which is no error.
      socket.on('error', () => socket.destroy()).on('close', () => this.#waiting.delete(socket))
      socket.write(holder)
    })
  }

  /** Rejects when `name` is still held after `withinSeconds`, saying by whom. */
  static async take(name: string, holder: string, withinSeconds: number): Promise<MachineLock> {
    const address = `\0${name}`
    const deadline = AbortSignal.timeout(withinSeconds * 1000)
    let heldBy = 'somebody who does not say'
    while (!deadline.aborted) {
      const lock = new MachineLock(holder)
      if (await lock.#listen(address)) return lock
      heldBy = (await waitForEndOfHolder(address, deadline)) || heldBy
    }
    throw new Error(`Cannot take the lock "${name}" within ${withinSeconds} s: held by ${heldBy}`)
  }

  /** Whether some process holds it at this moment. */
  static async isHeld(name: string): Promise<boolean> {
    const socket = net.connect(`\0${name}`)
    try {
      await once(socket, 'connect')
      return true
    } catch {
      // Refused: nobody listens.
      return false
    } finally {
      socket.destroy()
    }
  }

  async #listen(address: string): Promise<boolean> {
    try {
      this.#server.listen(address)
      await once(this.#server, 'listening')
      return true
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
      throw thrown
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#waiting) socket.destroy()
    await closed
  }
}

/** Resolves when the holder has gone or the deadline is over, with what the holder said of itself. */
async function waitForEndOfHolder(address: string, deadline: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = net.connect(address).setEncoding('utf8')
  const giveUp = (): unknown => socket.destroy()
  let said = ''
  socket.on('data', text => {
    said += text
  })
  // Refused: the holder went between our two calls, and that is what we wait for.
  socket.on('error', giveUp).on('close', () => resolve(said))
  deadline.addEventListener('abort', giveUp)
  await promise
  deadline.removeEventListener('abort', giveUp)
  return said
}
