import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ChannelKind } from '../../config/chats.ts'
import type { LanguageName } from '../../config/languages.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import { messageOf, STORED } from '../../test/docs/shown-notice.ts'
import { digestOf } from '../image-layer.ts'
import { dashboardDrawn } from './dashboard.ts'
import { recordedPanels } from './dashboard-record.ts'
import { recordedDemo } from './demo-record.ts'
import { drawn } from './drawing.ts'
import { drawingOf } from './drawing-text.ts'
import { feishuCard } from './feishu-card.ts'
import type { Html } from './html.ts'
import { slackCard } from './slack-card.ts'
import { terminal } from './terminal.ts'

/** A picture of docs/pictures, and the page that it shows. */
export interface Picture {
  readonly file: string
  readonly page: () => Html
}

export const PICTURES: readonly Picture[] = [
  { file: 'card.png', page: () => slackCard(bodyFor('slack', 'en')) },
  { file: 'card.zh-CN.png', page: () => feishuCard(bodyFor('feishu', 'zh')) },
  { file: 'demo.png', page: () => terminal('npm run demo', recordedDemo()) },
]

/** A drawing of docs/pictures, which needs no browser. */
export interface DrawnFile {
  readonly file: string
  readonly svg: () => string
}

export const DRAWINGS: readonly DrawnFile[] = [
  ...['architecture', 'architecture.zh-CN'].map(name => ({
    file: `${name}.svg`,
    svg: () => drawn(drawingOf(readFileSync(path.join(import.meta.dirname, `${name}.txt`), 'utf8'))),
  })),
  { file: 'dashboard.svg', svg: () => dashboardDrawn(recordedPanels()) },
]

/** Of what a picture is made; it stands in the picture. */
export function sourceNameOf({ page }: Picture): string {
  return digestOf(Buffer.from(page()))
}

/** The very body that is posted, as a chat reads it. */
// biome-ignore lint/suspicious/noExplicitAny: what a chat is sent; what a card does not know throws
function bodyFor(kind: ChannelKind, language: LanguageName): any {
  return JSON.parse(JSON.stringify(CHANNELS[kind].render(messageOf(STORED, language))))
}
