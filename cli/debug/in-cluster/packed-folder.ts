import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { CliError, EXIT } from '../../exit.ts'

/** A compressed archive of all in a folder. Zeros are written out: not every tar knows holes. */
export async function packed(
  tar: string,
  folder: string,
  onBytes: (bytes: number) => void,
): Promise<Readable> {
  // Not the folder itself, whose mode nobody may set where it is unpacked.
  const names = await readdir(folder)
  const env = { ...process.env, COPYFILE_DISABLE: '1' } // macOS adds files of its own otherwise
  const args = ['-C', folder, '-cf', '-', '--', ...names]
  const child = spawn(tar, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const ended = once(child, 'close')
  ended.catch(() => undefined) // it is looked at once its output is over
  async function* whole(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of chunks) {
        onBytes(chunk.length)
        yield chunk
      }
      const [code] = await ended
      if (code !== 0) throw notPacked(`${tar} ended with ${code}`)
    } finally {
      child.kill()
    }
  }
  // The error of the first that fails comes out of the last one, which is read.
  return pipeline(child.stdout, whole, createGzip({ level: 1 }), () => undefined)
}

function notPacked(why: string): CliError {
  return new CliError(EXIT.error, `Cannot pack the files of the crash: ${why}`, 'What it wrote says why.')
}
