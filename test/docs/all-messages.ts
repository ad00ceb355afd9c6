import { readFileSync } from 'node:fs'
import path from 'node:path'
import { CHANNEL_KINDS } from '../../config/chats.ts'
import type { LanguageName } from '../../config/languages.ts'
import type { CrashReport } from '../../crash/report.ts'
import { batchNote } from '../../notify/batch-note.ts'
import { inWay } from '../../notify/download-way.ts'
import { defaultMessage, type Message } from '../../notify/message.ts'
import { messageOfNote } from '../../notify/note.ts'
import type { Notification } from '../../notify/notification.ts'
import { chatText } from './chat-picture.ts'
import { TITLES_ZH } from './message-titles.ts'
import { LOST } from './shown-notice.ts'

const REPORTS = path.resolve(import.meta.dirname, '../fixtures/reports')
const LINK = 'https://crashes.s3.eu-central-1.amazonaws.com/corefiles/…'

interface Shown {
  readonly title: string
  readonly message: (language: LanguageName) => Message
}

/** Each crash that is shown, in the order in which a person reads them. */
const SHOWN: readonly Shown[] = [
  crash('A null pointer', 'null-pointer'),
  {
    title: 'With coredog-api installed',
    message: language => messageOf(commanded('null-pointer'), language),
  },
  crash('A stack overflow', 'stack-overflow'),
  crash('A failed assertion', 'assert'),
  crash('Memory that was freed twice', 'double-free'),
  crash('An error that a handler had caught', 'caught'),
  crash('An exception of C++', 'exception'),
  crash('A panic of Go', 'go-panic'),
  crash('A panic of Rust', 'rust-panic'),
  crash('Node.js', 'node'),
  crash('Python', 'python'),
  {
    title: 'What a runtime wrote into the log',
    message: language => messageOf(worded('stripped'), language),
  },
  {
    title: 'The last lines of the log, by notify.logLines',
    message: language => messageOf(logged('null-pointer'), language),
  },
  crash('Killed by another process', 'killed'),
  crash('abort() of the first process of a container', 'first-process'),
  crash('Without symbols', 'stripped'),
  {
    title: 'A crash that is known',
    message: language => messageOf(known('null-pointer'), language),
  },
  {
    title: 'A core that is not whole',
    message: language => messageOf(incomplete('null-pointer'), language),
  },
  { title: 'A core that is lost', message: language => messageOf(lost('null-pointer'), language) },
  {
    title: 'Crashes that were only counted',
    message: language => messageOf(suppressed('null-pointer'), language),
  },
  {
    title: 'A crash of which it is not sure whose it was',
    message: language => messageOf(unidentified('killed'), language),
  },
  { title: 'Many crashes at once', message: manyAtOnce },
]

/** Of each language, where its messages are shown. */
export const MESSAGE_PAGES: Readonly<Record<LanguageName, string>> = {
  en: 'docs/messages.md',
  zh: 'docs/zh-CN/messages.md',
}

/** The text of such a page. */
export function allMessages(language: LanguageName): string {
  return [HEADS[language], ...SHOWN.map(shown => sectionOf(shown, language))].join('\n')
}

const HEADS: Readonly<Record<LanguageName, string>> = {
  en: `# Messages

[中文](zh-CN/messages.md)

Every kind of message, in every chat, as a person sees it there. The crashes are real ones, recorded through the kernel (\`test/e2e/record-reports.ts\`); a pod of an example was put in the place of the test's. \`npm run messages\` writes this page of the very bodies that are posted. ↗ is a link; what follows the title in a Feishu card is the colour of its head.
`,
  zh: `# 消息

[English](../messages.md)

每一种消息在各个群里的样子，就是大家看到的那样。崩溃都是真实的，经由内核录制（\`test/e2e/record-reports.ts\`）；测试的 Pod 换成了示例的 Pod。\`npm run messages\` 用实际发送的内容写出本页。↗ 表示链接；飞书卡片标题后面的是标题栏的颜色。
`,
}

function sectionOf({ title, message }: Shown, language: LanguageName): string {
  const heading = language === 'zh' ? TITLES_ZH[title] : title
  if (heading === undefined) throw new Error(`Say "${title}" in Chinese, in message-titles.ts`)
  return `## ${heading}\n\n${textsOf(message(language)).join('\n')}`
}

/** Chats that show the same stand together. */
function textsOf(message: Message): string[] {
  const byText = Map.groupBy(CHANNEL_KINDS, kind => chatText(kind, message))
  return [...byText].map(([text, kinds]) => `${kinds.join(', ')}:\n\n\`\`\`text\n${text}\`\`\`\n`)
}

function crash(title: string, recorded: string): Shown {
  return { title, message: language => messageOf(stored(recorded), language) }
}

function messageOf(notification: Notification, language: LanguageName): Message {
  return defaultMessage(notification, language)
}

function stored(recorded: string): Notification {
  const report: CrashReport = JSON.parse(readFileSync(path.join(REPORTS, `${recorded}.json`), 'utf8'))
  const { executable = '' } = report.process ?? {}
  const binaries = [{ path: executable, key: 'corefiles/_binaries/…' }]
  const links = { link: LINK, reportLink: LINK, executableLink: LINK }
  return { outcome: 'stored', report: { ...report, binaries }, ...links, corefilePath: '/corefile' }
}

function commanded(recorded: string): Notification {
  return inWay(stored(recorded), { link: false, command: true })
}

function worded(recorded: string): Notification {
  const { report, ...rest } = stored(recorded)
  const lastWords = [
    "thread 'worker-3' panicked at src/pool.rs:88:14:",
    'called `Result::unwrap()` on an `Err` value: PoolClosed',
  ]
  return { ...rest, report: { ...report, crash: { ...report.crash, lastWords } } }
}

function logged(recorded: string): Notification {
  const lastLines = [
    'level=info msg="cart opened" items=3',
    'level=info msg="paying" token=***',
    'level=warn msg="no card"',
  ]
  return { ...stored(recorded), lastLines }
}

function known(recorded: string): Notification {
  const { report, ...rest } = stored(recorded)
  const container = { ...report.container, restartCount: 3 }
  const image = 'registry.example/checkout:1.4.1'
  const seen = { ...report.seen, first: '2026-11-17T22:03:51.000Z', count: 36, firstImage: image }
  return { ...rest, report: { ...report, container, seen, suppressed: 4 } }
}

function incomplete(recorded: string): Notification {
  const { report, ...rest } = stored(recorded)
  const incompleteReason = 'limits.maxCoreSize'
  const core = { ...report.core, complete: false, incompleteReason }
  return { ...rest, outcome: 'incomplete', report: { ...report, core } }
}

function lost(recorded: string): Notification {
  const { report } = stored(recorded)
  const { core: _, ...withoutCore } = report
  return { ...LOST, report: withoutCore }
}

/** There is a link to the core that was kept, and to nothing of this crash. */
function suppressed(recorded: string): Notification {
  const { report, link, corefilePath } = stored(recorded)
  const { binaries: _files, crash: explained, ...told } = report
  const { frames: _, reason: _reason, ...site } = explained ?? {}
  const core = { kept: { key: report.core?.key ?? '', url: report.core?.url ?? '' } }
  const reason = 'a core of the same crash was kept at 2026-11-21T04:21:17Z, and dedupe keeps no more'
  const counted = { ...told, crash: site, core, suppressed: 36 }
  return { outcome: 'suppressed', link, corefilePath, reason, report: counted }
}

function unidentified(recorded: string): Notification {
  const { report, ...rest } = stored(recorded)
  const { pod: _, container: _container, ...nobodys } = report
  const said = 'the container runtime knows no container 4f1c9a70d2be'
  return { ...rest, report: { ...nobodys, unidentified: said } }
}

function manyAtOnce(language: LanguageName): Message {
  const loop = Array.from({ length: 6 }, (_, at) => inPod(stored('null-pointer'), at))
  const others = ['assert', 'go-panic', 'stripped'].map(stored)
  return messageOfNote(batchNote([...loop, ...others, lost('exception')], language), language)
}

/** Of a workload of several pods. */
function inPod({ report, ...rest }: Notification, at: number): Notification {
  const time = `2026-11-21T04:21:1${at}.000Z`
  const pod = { ...report.pod, name: `checkout-7c9f5d8b6-x2x9${at}`, uid: `${at}` }
  return { ...rest, link: `${LINK}${at}`, report: { ...report, time, pod } }
}
