import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import type { ConditionalWrites } from '../../../groups/conditional-writes.ts'
import { readHandoff } from '../../../handler/handoff/handoff.ts'
import { Host } from '../../../handoff/host.ts'
import { watchConditionalWrites } from '../../../installer/supply/conditional-writes.ts'
import { openLogLines } from '../log-lines.ts'
import { Rounds } from '../rounds.ts'

const DAY_SECONDS = 86_400
const CONFIG = configOf('crashes')

describe('watchConditionalWrites()', () => {
  let root: string
  let host: Host
  let rounds: Rounds
  let abort: AbortController
  let now: Date
  let done: Promise<void>
  let tries: number
  let answers: (ConditionalWrites | Error)[]

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'coredog-conditional-'))
  })
  beforeEach(async () => {
    host = new Host(await mkdtemp(path.join(root, 'case-')))
    now = new Date('2026-11-21T06:00:00Z')
    tries = 0
    begin()
  })
  afterEach(async () => {
    abort.abort()
    await done
  })
  after(() => rm(root, { recursive: true }))

  function begin(): void {
    rounds = new Rounds()
    abort = new AbortController()
    done = Promise.resolve()
  }

  async function start(config = CONFIG): Promise<void> {
    const attempt = async () => {
      tries += 1
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? assert.fail()
      if (answer instanceof Error) throw answer
      return answer
    }
    const { log } = openLogLines()
    const given = { pause: rounds.pause, now: () => now, random: () => 0.5 }
    done = watchConditionalWrites({ config, host, nodeName: 'node-1', log, attempt, ...given }, abort.signal)
    await rounds.over()
  }

  async function restart(config = CONFIG): Promise<void> {
    abort.abort()
    await done
    begin()
    await start(config)
  }

  const handed = () => readHandoff(host.path('/run/coredog')).conditionalWrites()

  it('hands over what it found, of which store, and tries again in a week', async () => {
    answers = [{ works: true }]
    await start()
    await rounds.next()
    assert.deepEqual(handed(), {
      store: 's3://crashes/corefiles/_groups',
      works: true,
      triedAt: '2026-11-21T06:00:00.000Z',
    })
    assert.deepEqual(rounds.waits, [5, 7 * DAY_SECONDS])
    assert.match(await readFile(host.path('/run/coredog/conditional-writes.json'), 'utf8'), /"version":1,/)
  })

  it('asks a store that does not have them again in a day', async () => {
    answers = [{ works: false, reason: 'it overwrites' }]
    await start()
    await rounds.next()
    assert.deepEqual(
      [handed()?.works, handed()?.reason, rounds.waits.at(-1)],
      [false, 'it overwrites', DAY_SECONDS],
    )
  })

  it('leaves what it knew where the store does not answer, and asks again ever later', async () => {
    answers = [{ works: true }, new Error('away')]
    await start()
    await rounds.next()
    await rounds.next()
    await rounds.next()
    assert.deepEqual([handed()?.works, ...rounds.waits.slice(2)], [true, 30, 60])
  })

  it('believes the installer before it for a week, of the same store', async () => {
    answers = [{ works: true }]
    await start()
    await rounds.next()
    now = new Date(now.getTime() + 2 * DAY_SECONDS * 1000)
    await restart()
    assert.deepEqual([tries, rounds.waits], [1, [5 * DAY_SECONDS + 5]])
    await restart(configOf('other'))
    assert.deepEqual(rounds.waits, [5])
    await rounds.next()
    assert.deepEqual([tries, handed()?.store], [2, 's3://other/corefiles/_groups'])
  })

  it('believes no installer that found none', async () => {
    answers = [{ works: false, reason: 'it overwrites' }]
    await start()
    await rounds.next()
    await restart()
    assert.deepEqual(rounds.waits, [5])
  })
})

function configOf(bucket: string) {
  return parseConfig(`StorageConfig: {S3Bucket: ${bucket}, s3Region: eu-central-1, StoreDir: corefiles}`)
    .config
}
