import type { Html } from './html.ts'

/** Slack's mrkdwn as it is shown. It is HTML as far as `&`, `<` and `>` go, which are escaped in both. */
export function slackHtml(mrkdwn: string): Html {
  return mrkdwn
    .split(/(```[^`]*```|`[^`]*`)/)
    .map((part, at) => (at % 2 === 1 ? codeOf(part) : wordsOf(part)))
    .join('')
}

function codeOf(part: string): Html {
  const block = /^```\n?([\s\S]*?)\n?```$/.exec(part)?.[1]
  return block === undefined ? `<code>${part.slice(1, -1)}</code>` : `<pre>${block}</pre>`
}

function wordsOf(part: string): Html {
  return (
    part
      // Each reader sees it in their own time zone; a picture has none.
      .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
      .replace(/<https?:[^|>]*\|([^>]*)>/g, '<a>$1</a>')
      .replace(/^\*(.*?)\*$/gm, '<b>$1</b>')
      .replaceAll('\n', '<br>')
  )
}
