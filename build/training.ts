import { connectRuntime } from '../handler/identity/cri.ts'

/** What a crash cannot train: the runtime is asked of processes in containers only. */
export async function askRuntime(criSocket: string, containerId: string): Promise<void> {
  const described = await connectRuntime([criSocket]).describe(containerId, AbortSignal.timeout(20_000))
  if (described === null) throw new Error('Cannot train: the container runtime knows no such container')
}
