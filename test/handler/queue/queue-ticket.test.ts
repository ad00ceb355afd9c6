import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { nextTicket, otherTicket } from '../../../handler/queue/queue-ticket.ts'
import { inputs } from '../../inputs.ts'

it('nextTicket() is of the round that is served now, or of the one behind the last of its lane', () => {
  assert.equal(nextTicket([], { arrival: '1', lane: 'a' }), '000000.1.a')
  const queue = ['000004.1.a', '000005.2.a', '000006.3.b']
  assert.equal(nextTicket(queue, { arrival: '4', lane: 'a' }), '000006.4.a')
  assert.equal(nextTicket(queue, { arrival: '4', lane: 'c' }), '000004.4.c')
})

it('nextTicket() goes past tickets of an earlier version', () => {
  assert.equal(nextTicket(['0000000000001234-00004242'], { arrival: '4', lane: 'a' }), '000000.4.a')
})

it('otherTicket() gives each of a lane that came at once a round of its own', () => {
  const queue = ['000002.1.a', '000002.2.a', '000002.3.a', '000002.4.b']
  assert.equal(otherTicket(queue, '000002.1.a'), null)
  assert.equal(otherTicket(queue, '000002.3.a'), '000004.3.a')
  assert.equal(otherTicket(queue, '000002.4.b'), null)
})

it('nextTicket() keeps no newcomer behind two of one lane', () => {
  const arrivals = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 })
  fc.assert(
    fc.property(arrivals, fc.nat(40), (lanes, served) => {
      const queue: string[] = []
      for (const [at, lane] of lanes.entries())
        queue.push(nextTicket(queue.toSorted(), { arrival: String(at).padStart(4, '0'), lane }))
      const left = queue.toSorted().slice(served)
      const own = nextTicket(left, { arrival: '9999', lane: 'new' })
      for (const lane of ['a', 'b', 'c']) {
        const before = left.filter(ticket => ticket < own && ticket.endsWith(`.${lane}`))
        assert.ok(before.length <= 1, before.join(' '))
      }
    }),
    inputs(),
  )
})
