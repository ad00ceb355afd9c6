import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { eventually } from './eventually.ts'

/** Where the directory of the gate is mounted in a container. */
export const GATE_DIRECTORY = '/gate'

/** A FIFO at which a crasher waits (test/crashers/gate.h), so that a test says when it crashes. */
export interface Gate {
  /** On the host; the container has it mounted at {@link GATE_DIRECTORY}. */
  readonly directory: string
  /** Resolves when the crasher stands at the gate; calling what it resolves to lets it go. */
  reach(): Promise<() => Promise<void>>
}

export async function makeGate(directory: string): Promise<Gate> {
  await mkdir(directory, { recursive: true })
  const fifo = path.join(directory, 'fifo')
  await execa('mkfifo', [fifo])
  return { directory, reach: () => reach(fifo) }
}

async function reach(fifo: string): Promise<() => Promise<void>> {
  // Without O_NONBLOCK the open would hold one of libuv's four threads, for ever if no writer comes; with it
  // the kernel says ENXIO until the crasher has its end open.
  const handle = await eventually<FileHandle>('the crasher at its gate', 30, () =>
    open(fifo, constants.O_WRONLY | constants.O_NONBLOCK),
  )
  return () => handle.close()
}
