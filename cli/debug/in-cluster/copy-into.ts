import { anySignal } from '../../../time/any-signal.ts'
import type { World } from '../../world.ts'
import { Transfer } from '../transfer.ts'
import { checksumsOf, type FolderContents } from './checksums.ts'
import type { DebuggedPod } from './debugged-pod.ts'
import { packed } from './packed-folder.ts'

interface Copying {
  readonly world: World
  /** Of this machine, where the files of the crash are. */
  readonly folder: string
  readonly contents: FolderContents
  /** The file of that program. */
  readonly tar: string
}

/** Copies the files of a crash into a pod, and compares what arrived. */
export async function copyInto(pod: DebuggedPod, copying: Copying): Promise<void> {
  const { world, folder, contents } = copying
  // One that fails ends the other, which would go on for nothing.
  const failed = new AbortController()
  const signal = anySignal([world.signal, failed.signal])
  try {
    const [checksums] = await Promise.all([checksumsOf(folder, contents, signal), copy(pod, copying)])
    await pod.verify(checksums, contents)
  } finally {
    failed.abort()
  }
}

async function copy(pod: DebuggedPod, { world, folder, contents, tar }: Copying): Promise<void> {
  const transfer = new Transfer(world)
  transfer.want(contents.sizeBytes)
  const start = (moving: () => void) =>
    packed(tar, folder, bytes => {
      transfer.add(bytes)
      moving()
    })
  await pod.copy(start).finally(() => transfer.end())
}
