import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** An S3 server that discards, see sink-server.ts. */
export interface Sink extends AsyncDisposable {
  readonly endpoint: string
  /** How many bytes of the object it was given; `null`: there is none. */
  sizeOf(key: string): Promise<number | null>
}

export const BUCKET = 'cores'

/** Starts one in a process of its own. It ends with us, however we end. */
export async function startSink(): Promise<Sink> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'sink-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(30_000) })
  const endpoint = `http://127.0.0.1:${String(port).trim()}`
  return {
    endpoint,
    async sizeOf(key) {
      const response = await fetch(`${endpoint}/${BUCKET}/${key}`, {
        method: 'HEAD',
        signal: AbortSignal.timeout(30_000),
      })
      return response.ok ? Number(response.headers.get('content-length')) : null
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/** `StorageConfig` of a coredog.yaml that stores into it. */
export function sinkStorage({ endpoint }: Sink): object {
  return {
    protocol: 's3',
    s3AccesskeyID: 'bench',
    s3SecretAccessKey: 'bench-secret',
    s3Region: 'us-east-1',
    S3Bucket: BUCKET,
    S3Endpoint: endpoint,
  }
}
