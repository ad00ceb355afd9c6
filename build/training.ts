import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { connectRuntime } from '../handler/identity/cri.ts'
import { NO_CIRCUMSTANCES } from '../handler/why/circumstances.ts'
import { explainOn } from '../handler/why/thread.ts'
import { evidenceOfWaiting } from './waiting-process.ts'

/** What the crash of a training does not do, because its process is there and does not crash. */
export async function trainBeside(criSocket: string, containerId: string): Promise<void> {
  await askRuntime(criSocket, containerId)
  await explain()
}

/** Of processes in containers only. */
async function askRuntime(criSocket: string, containerId: string): Promise<void> {
  const described = await connectRuntime([criSocket]).describe(containerId, AbortSignal.timeout(20_000))
  if (described === null) throw new Error('Cannot train: the container runtime knows no such container')
}

/** Where no other process may be looked at, the handler begins to explain some milliseconds later. */
async function explain(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  try {
    const explained = explainOn(port1)
    port2.postMessage(await evidenceOfWaiting())
    await once(port2, 'message')
    port2.postMessage(NO_CIRCUMSTANCES)
    await explained
  } catch (cause) {
    process.stderr.write(`Not trained to explain a crash: ${cause}\n`)
  } finally {
    port1.close()
  }
}
