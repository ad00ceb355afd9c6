import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { batchNote } from '../../../notify/batch-note.ts'
import { CHANNELS } from '../../../notify/channels/all.ts'
import type { Channel, ChatBody } from '../../../notify/channels/channel.ts'
import { LANGUAGES } from '../../../notify/language/all.ts'
import { calling } from '../../../notify/mention.ts'
import { type Message, messageFor, NOTHING, type Wording } from '../../../notify/message.ts'
import { messageOfNote } from '../../../notify/note.ts'
import { refusalOf } from '../../fakes/fake-chat.ts'
import { inputs } from '../../inputs.ts'
import {
  FULL_TEMPLATE,
  hostileNotification,
  LINK,
  OUR_WORDS,
  sampleNotification,
} from '../sample-notification.ts'

const WORDINGS: fc.Arbitrary<Wording> = fc.constantFrom(
  OUR_WORDS,
  { ...OUR_WORDS, language: 'zh' as const },
  {
    ...OUR_WORDS,
    links: [
      { label: 'Grafana', parts: ['https://g.example/?p=', { name: 'pod.name' }, '&i=', { name: 'image' }] },
      {
        label: '日志',
        parts: ['https://g.example/', { name: 'corefile.path' }, '/', { name: 'executable' }],
      },
    ],
  },
  {
    messageTemplate: FULL_TEMPLATE,
    messageLabels: { team: '<at>' },
  },
)

const LABEL = `(?:${Object.values(LANGUAGES)
  .flatMap(({ download, downloadKept, another }) => [download, downloadKept, another])
  .join('|')}|Grafana|日志)`

/** As Slack shows it to each reader in their own time zone. */
const LOCAL_TIME = '<!date\\^\\d{10}\\^\\{date_num\\} \\{time_secs\\}\\|[\\d: -]* UTC>'

const OURS_IN_PLAIN = new RegExp(`<https:[^>|]*>|${LOCAL_TIME}`, 'g')

/** What untrusted text must never bring into a body of this kind. Our own markup is taken out first. */
const MARKUP: Record<Channel['kind'], { readonly ours: RegExp; readonly never: RegExp }> = {
  feishu: {
    ours: new RegExp(
      `^\\*\\*[\\w \u4e00-\u9fff]+\\*\\*\\n|\\*\\*应用崩溃告警\\*\\*|\\[${LABEL}\\]\\(https:[^)]*\\)`,
      'g',
    ),
    never: /[<>[\]()*_~`\\]/,
  },
  wechat: {
    ours: new RegExp(
      `<font color="(?:warning|info|comment)">|</font>|\\*\\*应用崩溃告警\\*\\*|^>|^\`[^\`]*\`$|\\[${LABEL}\\]\\(https:[^)]*\\)`,
      'gm',
    ),
    never: /[<>[\]`*]/,
  },
  slack: {
    ours: new RegExp(`<https:[^>|]*(?:\\|${LABEL})?>|${LOCAL_TIME}`, 'g'),
    never: /[<>]|&(?!amp;|lt;|gt;)/,
  },
  dingtalk: {
    ours: new RegExp(
      `^- \\*\\*[\\w \u4e00-\u9fff]+\\*\\*|\\*\\*应用崩溃告警\\*\\*|^\`[^\`]*\`$|\\[${LABEL}\\]\\(https:[^)]*\\)`,
      'gm',
    ),
    never: /[<>[\]`*]/,
  },
  // Only a TextBlock reads markup: see markupIn().
  teams: {
    ours: new RegExp(`\\*\\*应用崩溃告警\\*\\*|\\[${LABEL}\\]\\(https:[^)]*\\)`, 'g'),
    never: /[<>[\]`*]/,
  },
  telegram: {
    ours: new RegExp(`</?(?:b|code|pre)>|<a href="https:[^"]*">${LABEL}</a>`, 'g'),
    never: /[<>]|&(?!amp;|lt;|gt;|quot;)/,
  },
  discord: {
    // What is escaped is no markup; in a block of code is none but its end.
    ours: new RegExp(
      `\`\`\`\n[^\`]*\n\`\`\`|\\\\.|<t:\\d{10}:f>|\\*\\*[\\w \u4e00-\u9fff]+\\*\\*|^-# |\\[${LABEL}\\]\\(https:[^)]*\\)`,
      'gm',
    ),
    never: /[<>[\]`*_~|#@]/,
  },
}

for (const channel of Object.values(CHANNELS)) {
  describe(channel.kind, () => {
    it('render() and renderPlain() stay within the limits, whatever the notice holds', () => {
      fc.assert(
        fc.property(hostileNotification, WORDINGS, (notification, wording) => {
          const message = messageFor(notification, wording)
          assertTaken(channel, channel.render(message))
          assertTaken(channel, channel.renderPlain(message))
        }),
        inputs(60),
      )
    })

    it('render() and renderPlain() stay within the limits with an endless template, labels and link', () => {
      const messageTemplate = `{corefile.url}${'崩"\\'.repeat(30_000)}{big}{corefile.url}`
      const wording = { messageTemplate, messageLabels: { big: '💥'.repeat(50_000) } }
      for (const length of [0, 1000, 2000, 4000, 8000]) {
        const notification = sampleNotification({ link: `${LINK}&t=${'t'.repeat(length)}` })
        for (const message of [messageFor(notification, OUR_WORDS), messageFor(notification, wording)]) {
          assertTaken(channel, channel.render(message))
          assertTaken(channel, channel.renderPlain(message))
        }
      }
    })

    it('render() lets no markup of the notice through', () => {
      const { ours, never } = MARKUP[channel.kind]
      fc.assert(
        fc.property(hostileNotification, WORDINGS, (notification, wording) => {
          for (const text of markupIn(channel.render(messageFor(notification, wording)))) {
            assert.doesNotMatch(text.replace(ours, ''), never)
          }
        }),
        inputs(60),
      )
    })

    it('render() and renderPlain() of a storm stay within the limits, and let no markup through', () => {
      const { ours, never } = MARKUP[channel.kind]
      fc.assert(
        fc.property(fc.array(hostileNotification, { minLength: 1, maxLength: 20 }), notifications => {
          const message = messageOfNote(batchNote(notifications))
          const [body, plain] = [channel.render(message), channel.renderPlain(message)]
          assertTaken(channel, body)
          assertTaken(channel, plain)
          for (const text of markupIn(body)) assert.doesNotMatch(text.replace(ours, ''), never)
          for (const text of markupIn(plain)) assert.doesNotMatch(text.replace(ours, ''), /</)
        }),
        inputs(60),
      )
    })

    it('renderPlain() lets no mention of the notice through', () => {
      fc.assert(
        fc.property(hostileNotification, notification => {
          const body = channel.renderPlain(messageFor(notification, OUR_WORDS))
          for (const text of markupIn(body)) assert.doesNotMatch(text.replace(OURS_IN_PLAIN, ''), /</)
        }),
        inputs(60),
      )
    })

    it('render() and renderPlain() call whom the operator names, and nobody whom the notice names', () => {
      const { mentions, called } = CALLED[channel.kind]
      const config = { kind: channel.kind, webhookUrl: '', keyword: '', secret: null }
      fc.assert(
        fc.property(hostileNotification, WORDINGS, fc.boolean(), (notification, wording, calls) => {
          const message = calling(messageFor(notification, wording), {
            ...config,
            mentions: calls ? mentions : [],
          })
          for (const body of [channel.render(message), channel.renderPlain(message)]) {
            assertTaken(channel, body)
            assert.deepEqual(calledBy(channel.kind, body), calls ? called : [])
          }
        }),
        inputs(60),
      )
    })

    it('render() says nothing of an undefined value', () => {
      fc.assert(
        fc.property(fc.constantFrom<Message['tone']>('red', 'orange', 'blue'), tone => {
          const empty: Message = { ...NOTHING, language: 'en', tone, title: 'x' }
          assert.doesNotMatch(
            JSON.stringify([channel.render(empty), channel.renderPlain(empty)]),
            /undefined|null/,
          )
        }),
        inputs(),
      )
    })
  })
}

/** As the configuration has them, and as the chat has them. */
const CALLED: Record<Channel['kind'], { readonly mentions: string[]; readonly called: string[] }> = {
  feishu: { mentions: ['ou_1a2b', 'all'], called: ['ou_1a2b', 'all'] },
  wechat: { mentions: ['zhangsan', 'li.si@x'], called: ['zhangsan', 'li.si@x'] },
  slack: {
    mentions: ['here', 'S012AB3CD', 'U012AB3CD'],
    called: ['!here', '!subteam^S012AB3CD', '@U012AB3CD'],
  },
  dingtalk: {
    mentions: ['all', '13800138000', '+852-61234567', 'manager7'],
    called: ['13800138000', '+852-61234567', 'manager7', 'all'],
  },
  teams: { mentions: ['anna@example.com'], called: ['anna@example.com'] },
  telegram: { mentions: ['anna_ops', 'berta'], called: ['anna_ops', 'berta'] },
  discord: {
    mentions: ['here', '80351110224678912', '&165511591545143296'],
    called: ['everyone', '80351110224678912', '&165511591545143296'],
  },
}

/** Whom the chat calls, by all that it reads mentions in. */
// biome-ignore lint/suspicious/noExplicitAny: what a chat is sent; a wrong guess throws
function calledBy(kind: Channel['kind'], body: any): string[] {
  const found = (pattern: RegExp) =>
    markupIn(body).flatMap(text => [...text.matchAll(pattern)].map(([, id = '']) => id))
  switch (kind) {
    case 'feishu':
      return found(/<at (?:user_)?id="?([^">]*)/g)
    case 'wechat':
      return [...(body.text?.mentioned_list ?? []), ...found(/<@([^>]*)/g)]
    case 'slack':
      return found(/<(?!!date\^)([!@][^>]*)/g)
    case 'dingtalk': {
      const { atMobiles = [], atUserIds = [], isAtAll = false } = body.at ?? {}
      const called = [...atMobiles, ...atUserIds, ...(isAtAll ? ['all'] : [])]
      return called.filter(id => (body.markdown ?? { text: body.text.content }).text.includes(`@${id}`))
    }
    case 'teams': {
      const marked = found(/<at>([^<]*)/g)
      const { entities = [] } = body.attachments[0].content.msteams
      // biome-ignore lint/suspicious/noExplicitAny: the same
      return entities.map(({ mentioned }: any) => mentioned.id).filter((id: string) => marked.includes(id))
    }
    case 'telegram':
      // What is code calls nobody.
      return found(/<(?:code|pre)>[^<]*<\/(?:code|pre)>|(?<!\w)@(\w+)/g).filter(Boolean)
    case 'discord': {
      // The rest stays text.
      const { parse, users, roles } = body.allowed_mentions
      return [...parse, ...users, ...roles.map((id: string) => `&${id}`)]
    }
  }
}

function assertTaken(channel: Channel, body: ChatBody): void {
  assert.deepEqual(refusalOf(channel.kind, JSON.parse(JSON.stringify(body))), null)
}

/**
 * The strings of a body that the chat reads markup in: not those of plain_text, nor addresses, nor names of
 * things.
 */
function markupIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value)
  if (entries.some(([, inner]) => inner === 'plain_text' || inner === 'TextRun')) return []
  return entries.filter(([key]) => !NO_TEXT.has(key)).flatMap(([, inner]) => markupIn(inner))
}

const NO_TEXT = new Set([
  'url',
  'singleURL',
  'tag',
  'type',
  '$schema',
  'parse_mode',
  'msteams',
  'allowed_mentions',
])
