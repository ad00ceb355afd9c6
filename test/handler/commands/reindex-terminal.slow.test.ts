import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RealTerminal } from '../../cli/real-terminal.ts'
import { faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { addCrashes, bucketOf, commandOn } from './node-to-reindex.ts'

const options = { skip: RealTerminal.isThere ? false : 'tmux is not installed: .ci/install' }

it('on a terminal one line tells how far it is, and Ctrl-C ends it with 130', options, async t => {
  let isSlow = false
  const s3 = await startFakeS3({ faultOf: () => (isSlow ? faults.slow(100) : null) })
  t.after(() => s3[Symbol.asyncDispose]())
  const place = bucketOf(t, s3)
  await addCrashes(
    place.store,
    Array.from({ length: 200 }, () => ({})),
  )
  isSlow = true
  using terminal = new RealTerminal()
  const command = commandOn(place, ['--cluster=prod'])
    .map(arg => `'${arg}'`)
    .join(' ')
  terminal.enter(`clear; ${command}; echo "ended with $?"`)
  const before = /^(\d+) crashes: \d+ put/m.exec(
    await terminal.shows(/^\d+ crashes: \d+ put into the index/m),
  )
  await terminal.shows(RegExp(`^(?!${before?.[1]} )\\d+ crashes: \\d+ put`, 'm'))
  terminal.press('C-c')
  const screen = await terminal.shows(/ended with 130/)
  assert.match(screen, /the same command goes on/)
  isSlow = false
  terminal.enter(`clear; ${command}; echo "ended with $?"`)
  assert.match(await terminal.shows(/ended with 0/), /^200 crashes: \d+ put into the index, \d+ were there$/m)
})
