import { once } from 'node:events'
import { closeSync, constants, openSync, readdirSync, readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { LONE_THREAD } from './lone-thread.ts'

/** File descriptors, to be closed. No program inherits one that it is not given. */
export interface OwnPipe {
  readonly reader: number
  readonly writer: number
}

const MOST_TRIES = 3

// It waits to be ended.
const WAITING = 'setInterval(() => undefined, 2 ** 30)'

/**
 * A pipe as of pipe(2), which Node has not: what it makes for programs are sockets, and no program can open
 * one as /dev/stdin. But libuv makes a pipe for each event loop, and what was opened once more of a thread's
 * is there when the thread is gone.
 */
export async function ownPipe(): Promise<OwnPipe> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [made, ...others] = await leftByThread()
    others.forEach(close)
    if (made !== undefined) return made
  }
  throw new Error('Cannot make a pipe: no thread of Node had one')
}

/** A pipe of another thread that begins meanwhile is seen, too; it is that one's still when ours is gone. */
async function leftByThread(): Promise<OwnPipe[]> {
  const known = new Set(pipesHere().map(({ name }) => name))
  const thread = new Worker(WAITING, LONE_THREAD)
  await once(thread, 'online')
  const begun = pipesHere().filter(({ name }) => !known.has(name))
  const opened = [...new Map(begun.map(({ name, fd }) => [name, fd])).values()].flatMap(openedAgain)
  await thread.terminate()
  const now = pipesHere()
  opened.filter(pipe => !isOurs(pipe, now)).forEach(close)
  return opened.filter(pipe => isOurs(pipe, now))
}

function isOurs({ reader }: OwnPipe, now: readonly Descriptor[]): boolean {
  const ourName = nameOf(`${reader}`)
  return now.filter(({ name }) => name === ourName).length === 2
}

function close({ reader, writer }: OwnPipe): void {
  closeSync(reader)
  closeSync(writer)
}

/** To open one end of a pipe waits for the other; to open both at once does not. Nothing: it is gone. */
function openedAgain(fd: string): OwnPipe[] {
  try {
    const both = openSync(`${DESCRIPTORS}/${fd}`, constants.O_RDWR)
    const [reader, writer] = [constants.O_RDONLY, constants.O_WRONLY].map(mode =>
      openSync(`${DESCRIPTORS}/${both}`, mode),
    ) as [number, number]
    closeSync(both)
    return [{ reader, writer }]
  } catch {
    return []
  }
}

const DESCRIPTORS = '/proc/self/fd'

interface Descriptor {
  readonly fd: string
  /** What the kernel calls the pipe, at both of its ends. */
  readonly name: string
}

/** The descriptors of this process that are pipes. */
function pipesHere(): Descriptor[] {
  const all = readdirSync(DESCRIPTORS).map(fd => ({ fd, name: nameOf(fd) }))
  return all.filter(({ name }) => name.startsWith('pipe:'))
}

/** Empty: it is closed by now, as is the one by which the folder was listed. */
function nameOf(fd: string): string {
  try {
    return readlinkSync(`${DESCRIPTORS}/${fd}`)
  } catch {
    return ''
  }
}
