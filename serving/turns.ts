import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { type NewcomerLimits, Newcomers } from './newcomers.ts'

export interface Turns extends NewcomerLimits {
  /** Connections that begin at once. */
  readonly atOnce: number
  /** One that goes on for so long makes way for the next. */
  readonly turnMs: number
}

/**
 * Lets connections to `server` begin TLS in turns. With TLS each takes some 70 KiB, and of a thousand that come at once
 * the first are answered and gone before the last begin. A connection that stays, or says nothing, holds up the others
 * for its turn alone. Returns those that are to be welcomed.
 */
export function beginInTurns(server: Server, { atOnce, turnMs, ...limits }: Turns): Newcomers {
  // Node's own, which begin TLS.
  const begin = server.listeners('connection')
  const newcomers = new Newcomers(limits)
  let turns = 0
  const next = () => {
    while (turns < atOnce) {
      const socket = newcomers.begin()
      if (socket === null) return
      take(socket)
    }
  }
  const take = (socket: Socket) => {
    socket.off('error', ignore)
    if (socket.destroyed) return
    turns += 1
    const end = once(() => {
      turns -= 1
      clearTimeout(timer)
      next()
    })
    const timer = setTimeout(end, turnMs).unref()
    socket.once('close', end)
    for (const listener of begin) listener.call(server, socket)
  }
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    // One that fails before its turn has nobody else who hears of it, which would end us.
    socket.on('error', ignore)
    newcomers.add(socket)
    next()
  })
  return newcomers
}

const ignore = () => undefined

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) {
      isDone = true
      work()
    }
  }
}
