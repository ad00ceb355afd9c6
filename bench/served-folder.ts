import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A folder that an S3 server gives slowly, see store-server.ts. */
export interface ServedFolder extends AsyncDisposable {
  readonly endpoint: string
}

const DEADLINE_MS = 30_000

/** Starts the server in a process of its own. It ends with us, however we end. */
export async function serveFolder(
  folder: string,
  { bytesPerSecond, latencyMs }: { readonly bytesPerSecond: number; readonly latencyMs: number },
): Promise<ServedFolder> {
  const program = path.join(import.meta.dirname, 'store-server.ts')
  const pace = [`--bytes-per-second=${bytesPerSecond}`, `--latency-ms=${latencyMs}`]
  const child = spawn(process.execPath, [program, `--folder=${folder}`, ...pace], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })
  return {
    endpoint: `http://127.0.0.1:${String(port).trim()}`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
