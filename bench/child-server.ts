import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { V8_FLAGS } from '../build/handler-scripts.ts'

/** A server in a process of its own. */
export interface ChildServer extends AsyncDisposable {
  readonly pid: number
  /** `http://127.0.0.1:…` */
  readonly endpoint: string
}

const DEADLINE_MS = 30_000

/** Starts a file of this folder that says its port in its first line and ends with its stdin: however we end. */
export async function startChildServer(program: string, argv: readonly string[]): Promise<ChildServer> {
  const child = spawn(process.execPath, [...V8_FLAGS, path.join(import.meta.dirname, program), ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })
  return {
    pid: child.pid ?? 0,
    endpoint: `http://127.0.0.1:${String(port).trim()}`,
    [Symbol.asyncDispose]: () => ended(child),
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.stdin?.end()
  await exit
}
