import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { it } from 'node:test'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { countCrowd, type Turn, takeTurn } from '../../handler/turn.ts'

let tickets = 0

function turn(places: number, patienceSeconds: number, name: string): Promise<Turn> {
  return takeTurn({ places, patienceSeconds, ticket: String(tickets++).padStart(4, '0') }, name)
}

it('takeTurn() lets as many in as there are places, and the next when one is done', {
  timeout: 20_000,
}, async () => {
  const name = randomUUID()
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

it('takeTurn() has the place of one that was killed', { timeout: 20_000 }, async () => {
  const name = randomUUID()
  const module = path.join(import.meta.dirname, '../../handler/turn.ts')
  const program = `const { takeTurn } = await import(${JSON.stringify(module)}); await takeTurn({ places: 1, patienceSeconds: 60, ticket: 'a' }, '${name}'); console.log('in'); setInterval(() => {}, 1e6)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(holder, 'close')
  await once(holder.stdout, 'data')
  const waiting = turn(1, 60, name)
  holder.kill('SIGKILL')
  ;(await waiting).end()
  await ended
})

it('takeTurn() goes ahead when its patience is over', async () => {
  const name = randomUUID()
  const held = await turn(1, 60, name)
  ;(await turn(1, 0, name)).end()
  held.end()
})

it('takeTurn() lets those in first who came first', { timeout: 60_000 }, async () => {
  const name = randomUUID()
  const held = await turn(1, 60, name)
  const entered: string[] = []
  const waiting = ['07', '03', '05', '01'].map(async ticket => {
    const taken = await takeTurn({ places: 1, patienceSeconds: 60, ticket }, name)
    entered.push(ticket)
    // The next one gets in only when its look finds us gone.
    setImmediate(() => taken.end())
  })
  // A fifth one has looked, and so have the four before it.
  await turn(1, 0, name)
  held.end()
  await Promise.all(waiting)
  assert.deepEqual(entered, ['01', '03', '05', '07'])
})

it('countCrowd() counts who has a place and who waits, and nobody else', async () => {
  const name = randomUUID()
  assert.equal(await countCrowd(name), 0)
  const first = await turn(1, 60, name)
  const waits = turn(1, 60, name)
  const other = await turn(1, 60, `${name}x`)
  while ((await countCrowd(name)) < 2) await turnOfLoop()
  assert.equal(await countCrowd(name), 2)
  for (const held of [first, other]) held.end()
  ;(await waits).end()
})
