import { DOG } from './dog.ts'
import { escaped, type Html, page } from './html.ts'
import { slackHtml } from './slack-markup.ts'

interface Text {
  readonly type: string
  readonly text: string
}

interface Block {
  readonly type: string
  readonly text?: Text
  readonly fields?: readonly Text[]
  readonly elements?: readonly Text[]
}

/** What Slack is sent, as a person sees it there: https://docs.slack.dev/reference/block-kit/blocks */
export function slackCard({ blocks }: { readonly blocks: readonly Block[] }): Html {
  const head = `<div class="head"><b>CoreDog</b> <span class="app">APP</span> <time>04:21</time></div>`
  const body = `<main><div class="channel"># shop-crashes</div>
<div class="message">${DOG}<div>${head}
${blocks.map(blockOf).join('\n')}
</div></div></main>`
  return page(STYLE, body)
}

function blockOf({ type, text, fields = [], elements = [] }: Block): Html {
  if (type === 'header') return `<h1>${textOf(text)}</h1>`
  if (type === 'context') return `<div class="context">${elements.map(textOf).join(' ')}</div>`
  if (type !== 'section') throw new Error(`Cannot draw a block of Slack's "${type}"`)
  if (fields.length === 0) return `<div class="section">${textOf(text)}</div>`
  return `<div class="section fields">${fields.map(field => `<div>${textOf(field)}</div>`).join('')}</div>`
}

// Slack draws emoji as its own pictures.
const CIRCLES: Readonly<Record<string, string>> = { '🔵': '#1d9bd1', '🟠': '#e8912d', '🔴': '#e01e5a' }

function textOf(text: Text | undefined): Html {
  if (text === undefined) return ''
  const html = text.type === 'mrkdwn' ? slackHtml(text.text) : escaped(text.text)
  return html.replace(/[🔵🟠🔴]/gu, mark => `<i class="circle" style="background:${CIRCLES[mark]}"></i>`)
}

const STYLE = `
main { width: 640px; font-size: 14px; background: #fff; color: #1d1c1d; border: 1px solid #d9d9da; }
.channel { padding: 11px 20px; font-weight: 700; border-bottom: 1px solid #e4e4e5; }
.message { display: flex; gap: 10px; padding: 14px 24px 16px 20px; }
.message > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.dog { flex: none; width: 36px; height: 36px; margin-top: 4px; }
.app { font-size: 10px; font-weight: 600; background: #e8e8e8; color: #5e5d60; border-radius: 2px; padding: 1px 4px; vertical-align: 1px; }
time { font-size: 12px; color: #616061; margin-left: 2px; }
h1 { font-size: 17px; line-height: 1.4; margin: 1px 0 7px; }
.circle { display: inline-block; width: 15px; height: 15px; border-radius: 50%; vertical-align: -1px; margin-right: 3px; }
.section { margin: 8px 0; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
pre { font-size: 12.5px; line-height: 1.55; background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; }
code { font-size: 12px; background: #f6f6f6; border: 1px solid #dfdfe0; border-radius: 3px; padding: 2px 4px; color: #c01343; }
a { color: #1264a3; }
.context { font-size: 12.5px; line-height: 1.5; color: #616061; margin-top: 10px; }
`
