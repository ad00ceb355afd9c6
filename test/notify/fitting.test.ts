import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { fitting } from '../../notify/fitting.ts'
import { defaultMessage, type Message, messageFor } from '../../notify/message.ts'
import { inputs } from '../inputs.ts'
import { hostileNotification, LINK, sampleNotification } from './sample-notification.ts'

/** The fullest version of `message` whose JSON has at most `most` characters. */
function within(most: number, message: Message): Message {
  return fitting(
    message,
    shown => shown,
    shown => JSON.stringify(shown).length <= most,
  )
}

const MESSAGE = defaultMessage(sampleNotification())
const ALL = JSON.stringify(MESSAGE).length

it('fitting() leaves a message that fits as it is', () => {
  assert.deepEqual(within(ALL, MESSAGE), MESSAGE)
})

it('fitting() shortens texts, and never the link', () => {
  const shown = within(ALL - 200, MESSAGE)
  assert.ok(JSON.stringify(shown).length <= ALL - 200)
  assert.deepEqual(shown.link, MESSAGE.link)
  assert.ok(shown.facts.some(({ value }) => value.endsWith('…')))
})

it('fitting() keeps a command whole or leaves it out', () => {
  for (let most = ALL; most > 0; most -= 25) {
    const { commands } = within(most, MESSAGE)
    assert.ok(commands.length === 0 || commands[0] === MESSAGE.commands[0], commands[0])
  }
  assert.deepEqual(within(600, MESSAGE).commands, [])
})

it('fitting() leaves out a link that fits in no way, and says so', () => {
  const shown = within(ALL, { ...MESSAGE, link: { label: 'x', url: `${LINK}${'x'.repeat(2 * ALL)}` } })
  assert.equal(shown.link, null)
  assert.deepEqual(shown.lines, ['(the download link is too long for this chat)'])
})

it('fitting() uses all the room that there is', () => {
  const wording = { messageTemplate: '崩溃'.repeat(1000), messageLabels: {} }
  const message = messageFor(sampleNotification(), wording)
  for (const most of [500, 1000, 1999]) assert.equal(JSON.stringify(within(most, message)).length, most)
})

it('fitting() finds a version within 2 KB of whatever comes', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      assert.ok(JSON.stringify(within(2048, defaultMessage(notification))).length <= 2048)
    }),
    inputs(40),
  )
})
