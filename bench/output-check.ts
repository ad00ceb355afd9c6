import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readCoreHead } from '../crash/core-head.ts'

// Program headers and notes of any process here.
const HEAD_BYTES = 16 * 2 ** 20

/**
 * Throws unless the one file in `files` holds a whole core, of `atLeastBytes`: who writes rubbish is soon
 * done.
 */
export async function checkOutput(
  unpack: string,
  files: readonly string[],
  atLeastBytes: number,
): Promise<void> {
  const [file, ...more] = files
  if (file === undefined || more.length > 0) throw new Error(`it kept ${files.length} files of one core`)
  const { bytes, head } = await unpacked(unpack, file)
  const announced = readCoreHead(head)
  if (!('head' in announced)) throw new Error('what it kept is no core')
  const { endBytes } = announced.head
  if (bytes !== endBytes || bytes < atLeastBytes) throw new Error(`it kept ${bytes} of ${endBytes} bytes`)
}

async function unpacked(unpack: string, file: string): Promise<{ bytes: number; head: Buffer }> {
  const shell = spawn('sh', ['-c', unpack, 'sh', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(shell, 'exit')
  const head: Buffer[] = []
  let bytes = 0
  for await (const chunk of shell.stdout as AsyncIterable<Buffer>) {
    if (bytes < HEAD_BYTES) head.push(chunk)
    bytes += chunk.length
  }
  const [status] = await exited
  if (status !== 0) throw new Error('what it kept cannot be unpacked')
  return { bytes, head: Buffer.concat(head) }
}
