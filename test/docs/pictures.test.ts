import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CHANNEL_KINDS, type ChannelKind } from '../../config/chats.ts'
import { LANGUAGE_NAMES, type LanguageName } from '../../config/languages.ts'
import type { Message } from '../../notify/message.ts'
import { renderForTerminal } from '../../notify/terminal.ts'
import { chatPicture } from './chat-picture.ts'
import { type Block, blocksIn } from './documents.ts'
import { burstMessage, LOST, messageOf, STORED, templatedMessage } from './shown-notice.ts'

const MESSAGES: Readonly<Record<string, (language: LanguageName) => Message>> = {
  stored: language => messageOf(STORED, language),
  lost: language => messageOf(LOST, language),
  burst: burstMessage,
  template: templatedMessage,
}

const pictures = blocksIn('text').filter(({ mark }) => mark.startsWith('chat '))

for (const picture of pictures) {
  it(`${picture.place}: ${picture.mark} is what is posted`, () => {
    const wanted = drawn(picture)
    assert.equal(picture.text, wanted, `The picture is to be:\n${wanted}`)
  })
}

it('each chat has a picture', () => {
  const kinds = new Set(pictures.map(({ mark }) => mark.split(' ')[1]))
  assert.deepEqual([...kinds].sort(), [...CHANNEL_KINDS, 'terminal'].sort())
})

function isLanguage(name: string): name is LanguageName {
  return LANGUAGE_NAMES.some(language => language === name)
}

function drawn({ mark }: Block): string {
  const [, kind = '', which = '', language = 'en'] = mark.split(' ')
  assert.ok(isLanguage(language), `There is no language "${language}"`)
  if (kind === 'terminal')
    return renderForTerminal(STORED, { messageTemplate: null, messageLabels: {}, language })
  const message = MESSAGES[which]
  assert.ok(message, `There is no message "${which}"`)
  return chatPicture(kind as ChannelKind, message(language))
}
