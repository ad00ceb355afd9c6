import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { setTimeout as pause, setImmediate as turnOfLoop } from 'node:timers/promises'
import { acquireSlot, countCrowd, type Slot } from '../../../handler/queue/semaphore.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

let arrivals = 0

/** Each of a lane of its own, unless it says whose. */
function turn(places: number, patienceSeconds: number, name: string, of?: string): Promise<Slot> {
  const arrival = String(arrivals++).padStart(4, '0')
  return acquireSlot({ slots: places, patienceSeconds, arrival, lane: of ?? `lane${arrival}` }, name)
}

/** Of a process that waits for its turn, says so, and keeps it. */
function programOf(arrival: string, folder: string): string {
  const module = path.join(import.meta.dirname, '../../../handler/queue/semaphore.ts')
  const waiting = JSON.stringify({ slots: 1, patienceSeconds: 60, arrival, lane: 'other' })
  return `const { acquireSlot } = await import(${JSON.stringify(module)}); await acquireSlot(${waiting}, ${JSON.stringify(folder)}); console.log('in'); setInterval(() => {}, 1e6)`
}

it('acquireSlot() lets as many in as there are places, and the next when one is done', {
  timeout: 120_000,
}, async t => {
  const name = temporaryFolder(t)
  const [first, second] = [await turn(2, 60, name), await turn(2, 60, name)]
  const order: string[] = []
  const third = turn(2, 60, name).then(turn => {
    order.push('third')
    return turn
  })
  // By now it has looked at both places, and found them taken.
  await turn(2, 0, name)
  order.push('first ends')
  first.end()
  ;(await third).end()
  second.end()
  assert.deepEqual(order, ['first ends', 'third'])
})

it('acquireSlot() has the place of one that was killed', { timeout: 120_000 }, async t => {
  const name = temporaryFolder(t)
  const holder = spawn(process.execPath, ['--input-type=module', '-e', programOf('a', name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(holder, 'close')
  await once(holder.stdout, 'data')
  const waiting = turn(1, 60, name)
  holder.kill('SIGKILL')
  ;(await waiting).end()
  await ended
})

it('acquireSlot() goes past one that was killed in the queue', { timeout: 120_000 }, async t => {
  const name = temporaryFolder(t)
  const held = await turn(1, 60, name)
  const waits = spawn(process.execPath, ['--input-type=module', '-e', programOf('a', name)], {
    stdio: 'inherit',
  })
  const ended = once(waits, 'close')
  while ((await countCrowd(name, 9)) < 2) await pause(10)
  const next = acquireSlot({ slots: 1, patienceSeconds: 60, arrival: 'b', lane: 'b' }, name)
  waits.kill('SIGKILL')
  held.end()
  ;(await next).end()
  await ended
})

it('acquireSlot() gives a place to one at a time, however many there are', { timeout: 120_000 }, async t => {
  const name = temporaryFolder(t)
  let [within, most, entered] = [0, 0, 0]
  const comeAndGo = async () => {
    const taken = await turn(2, 60, name)
    within += 1
    most = Math.max(most, within)
    entered += 1
    await turnOfLoop()
    within -= 1
    taken.end()
  }
  await Promise.all(Array.from({ length: 60 }, comeAndGo))
  assert.deepEqual([entered, most <= 2], [60, true])
})

it('acquireSlot() takes no turn where others may write', async t => {
  const name = temporaryFolder(t)
  chmodSync(name, 0o777)
  const timers = countTimers()
  await assert.rejects(turn(1, 60, name), /others may write to it/)
  // Or the handler would stay for as long as it would have waited.
  assert.equal(countTimers(), timers)
})

it('acquireSlot() goes ahead when its patience is over', async t => {
  const name = temporaryFolder(t)
  const held = await turn(1, 60, name)
  ;(await turn(1, 0, name)).end()
  held.end()
})

it('acquireSlot() lets those in first who came first', { timeout: 120_000 }, async t => {
  const name = temporaryFolder(t)
  const held = await turn(1, 60, name)
  const entered: string[] = []
  const waiting = ['07', '03', '05', '01'].map(async arrival => {
    const taken = await acquireSlot({ slots: 1, patienceSeconds: 60, arrival, lane: arrival }, name)
    entered.push(arrival)
    // The next one gets in only when its look finds us gone.
    setImmediate(() => taken.end())
  })
  // A fifth one has looked, and so have the four before it.
  await turn(1, 0, name)
  held.end()
  await Promise.all(waiting)
  assert.deepEqual(entered, ['01', '03', '05', '07'])
})

/** In which order those of `lanes`, who come in that order while the one place is taken, have their turns. */
async function entering(name: string, lanes: readonly string[], comeAtOnce = false): Promise<string[]> {
  const held = await turn(1, 60, name)
  const entered: string[] = []
  const waiting: Promise<void>[] = []
  const allCome = async (count: number) => {
    while ((await countCrowd(name, 99)) < count + 1) await pause(10)
  }
  for (const lane of lanes) {
    waiting.push(
      turn(1, 60, name, lane).then(taken => {
        entered.push(lane)
        setImmediate(() => taken.end())
      }),
    )
    if (!comeAtOnce) await allCome(waiting.length)
  }
  await allCome(waiting.length)
  held.end()
  await Promise.all(waiting)
  return entered
}

it('acquireSlot() lets one of each lane in, round by round', { timeout: 120_000 }, async t => {
  const order = await entering(temporaryFolder(t), ['a', 'a', 'a', 'a', 'b', 'c', 'c'])
  assert.deepEqual(order, ['a', 'b', 'c', 'a', 'c', 'a', 'a'])
})

it('acquireSlot() keeps nobody behind those of one lane, however many come at once', {
  timeout: 120_000,
}, async t => {
  const crowd = [...Array.from({ length: 40 }, () => 'a'), 'b']
  const order = await entering(temporaryFolder(t), crowd, true)
  assert.ok(order.indexOf('b') <= 2, `${order.indexOf('b')} of one lane were before it`)
})

it('countCrowd() counts who has a place and who waits, up to the most, and nobody dead', async t => {
  const name = temporaryFolder(t)
  assert.equal(await countCrowd(name, 9), 0)
  const first = await turn(1, 60, name)
  const waits = turn(1, 60, name)
  await turn(1, 0, name)
  assert.deepEqual([await countCrowd(name, 9), await countCrowd(name, 1)], [2, 1])
  first.end()
  ;(await waits).end()
  assert.equal(await countCrowd(name, 9), 0)
})

function countTimers(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
}
