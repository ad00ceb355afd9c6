import type { Socket } from 'node:net'
import { FairQueue } from './fair-queue.ts'

/** Who is at the other end: it is the same of a connection and of TLS over it. */
export type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress'>

export interface NewcomerLimits {
  /** With TLS each takes some 70 KiB. */
  readonly mostBegun: number
  /** Together with those that are welcome. */
  readonly mostConnections: number
}

/**
 * Connections that nobody has vouched for yet. Whoever reaches the port may open any number and say nothing: where
 * there are too many, the oldest goes of the address that has most, so that others get in.
 */
export class Newcomers {
  readonly #limits: NewcomerLimits
  readonly #open = new Map<string, Socket>()
  /** All of them; of those, the ones whose turn has not come; and the others. */
  readonly #all = new FairQueue<Socket>()
  readonly #waiting = new FairQueue<Socket>()
  readonly #begun = new FairQueue<Socket>()

  constructor(limits: NewcomerLimits) {
    this.#limits = limits
  }

  add(socket: Socket): void {
    const [address, peer] = [addressOf(socket), peerOf(socket)]
    this.#open.set(peer, socket)
    this.#all.add(address, socket)
    this.#waiting.add(address, socket)
    socket.once('close', () => {
      if (this.#open.get(peer) === socket) this.#open.delete(peer)
      this.#forget(address, socket)
    })
    if (this.#open.size > this.#limits.mostConnections) this.#evict(this.#all)
  }

  /** The next whose turn it is to begin TLS: addresses take turns. */
  begin(): Socket | null {
    const next = this.#waiting.take()
    if (next === null) return null
    this.#begun.add(next.owner, next.item)
    if (this.#begun.size > this.#limits.mostBegun) this.#evict(this.#begun)
    return next.item
  }

  /** It stays as long as it likes. */
  welcome(socket: Peer): void {
    const known = this.#open.get(peerOf(socket))
    if (known !== undefined) this.#forget(addressOf(known), known)
  }

  #evict(from: FairQueue<Socket>): void {
    const socket = from.crowding()
    if (socket === undefined) return
    this.#open.delete(peerOf(socket))
    this.#forget(addressOf(socket), socket)
    socket.destroy()
  }

  #forget(address: string, socket: Socket): void {
    for (const queue of [this.#all, this.#waiting, this.#begun]) queue.remove(address, socket)
  }
}

/** Empty: it is gone already. */
function addressOf({ remoteAddress = '' }: Peer): string {
  return remoteAddress
}

function peerOf({ remoteAddress, remotePort, localAddress }: Peer): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
