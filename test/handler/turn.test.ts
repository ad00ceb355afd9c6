import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { it } from 'node:test'
import { takeTurn } from '../../handler/turn.ts'

it('takeTurn() lets as many in as there are places, and the next when one is done', {
  timeout: 20_000,
}, async () => {
  const name = randomUUID()
  const [first, second] = [await takeTurn(2, 60, name), await takeTurn(2, 60, name)]
  const order: string[] = []
  const third = takeTurn(2, 60, name).then(turn => {
    order.push('third')
    return turn
  })
  // By now it has looked at both places, and found them taken.
  await takeTurn(2, 0, name)
  order.push('first ends')
  first.end()
  ;(await third).end()
  second.end()
  assert.deepEqual(order, ['first ends', 'third'])
})

it('takeTurn() has the place of one that was killed', { timeout: 20_000 }, async () => {
  const name = randomUUID()
  const module = path.join(import.meta.dirname, '../../handler/turn.ts')
  const program = `const { takeTurn } = await import(${JSON.stringify(module)}); await takeTurn(1, 60, '${name}'); console.log('in'); setInterval(() => {}, 1e6)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(holder, 'close')
  await once(holder.stdout, 'data')
  const waiting = takeTurn(1, 60, name)
  holder.kill('SIGKILL')
  ;(await waiting).end()
  await ended
})

it('takeTurn() goes ahead when its patience is over', async () => {
  const name = randomUUID()
  const held = await takeTurn(1, 60, name)
  ;(await takeTurn(1, 0, name)).end()
  held.end()
})
