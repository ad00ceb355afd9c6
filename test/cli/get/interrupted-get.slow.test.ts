import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import type { GlobalOptions } from '../../../cli/options.ts'
import { openSource } from '../../../cli/source/open-source.ts'
import type { CrashSource } from '../../../cli/source/source.ts'
import { runOnStore } from '../run-on-store.ts'

import { CORE, ID, stored } from './stored-core.ts'

/** The same source, but for its cores. */
function withCore(source: CrashSource, core: CrashSource['core']): CrashSource {
  const { name, namespace } = source
  const [list, watch, named] = [source.list, source.watch, source.named].map(
    method => method.bind(source) as never,
  )
  return { name, namespace, list, watch, named, core } as unknown as CrashSource
}

/** A source of which each stream breaks off after so many bytes. */
function breaking(source: CrashSource, bytes: number, asked: number[]): CrashSource {
  const core: CrashSource['core'] = async (crash, { firstByte = 0 } = {}) => {
    asked.push(firstByte)
    const { body, ...stored } = await source.core(crash, { firstByte })
    async function* broken() {
      let left = bytes
      for await (const chunk of body as AsyncIterable<Buffer>) {
        yield chunk.subarray(0, left)
        left -= chunk.length
        if (left <= 0) throw new Error('read ECONNRESET')
      }
    }
    return { ...stored, body: Readable.from(broken(), { objectMode: false }) }
  }
  return withCore(source, core)
}

it('get goes on where a connection broke', async () => {
  const { folder, file } = await stored()
  const asked: number[] = []
  const overrides = {
    openSource: async (options: GlobalOptions) => breaking(await openSource(options), 1_500_000, asked),
  }
  assert.equal((await runOnStore(folder, ['get', ID, '-o', file], overrides)).exitCode, 0)
  assert.deepEqual(await readFile(file), CORE)
  assert.deepEqual(asked.slice(0, 2), [0, 1_500_000])
})

it('get keeps what came until Ctrl-C, and the next one goes on from there', async () => {
  const { folder, out, file, get } = await stored()
  const ended = new AbortController()
  const asked: number[] = []
  const openIt = async (options: GlobalOptions) => {
    const source = breaking(await openSource(options), 1_500_000, asked)
    const { core } = source
    const interrupted: CrashSource['core'] = async (crash, more) => {
      if (asked.length === 1) ended.abort(new Error('it was interrupted'))
      return core(crash, more)
    }
    return withCore(source, interrupted)
  }
  const { exitCode, stderr } = await runOnStore(folder, ['get', ID, '-o', file], {
    openSource: openIt,
    signal: ended.signal,
  })
  assert.equal(exitCode, 1)
  assert.match(stderr, /Interrupted\. \d\.\dMiB of .*MiB are kept/)
  const [part, ...others] = await readdir(out)
  assert.match(part ?? '', /^core\.[0-9a-f]{16}\.part$/)
  assert.deepEqual(others, [])
  assert.equal((await get('-o', file)).exitCode, 0)
  assert.deepEqual(await readFile(file), CORE)
  assert.deepEqual(await readdir(out), ['core'])
})
