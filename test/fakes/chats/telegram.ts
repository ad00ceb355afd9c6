import { isText, type Json, type Reply } from './body.ts'

/** What Telegram refuses: https://core.telegram.org/bots/api#formatting-options */
export function checkTelegram({ text, parse_mode }: Json): Reply | null {
  if (!isText(text)) return refused('message text is empty')
  const shown = parse_mode === 'HTML' ? shownOf(text) : text
  if (shown === null) return refused("can't parse entities: unsupported start tag")
  if (shown.trim() === '') return refused('text must be non-empty')
  return shown.length > 4096 ? refused('message is too long') : null
}

function refused(description: string): Reply {
  return [400, { ok: false, error_code: 400, description: `Bad Request: ${description}` }]
}

const TAGS = /<(\/?)(b|code|pre|a)((?: href="[^"<>]*")?)>/g

/** What a person sees of the markup; `null`: it is none. */
function shownOf(markup: string): string | null {
  const open: string[] = []
  for (const [, slash, name = ''] of markup.matchAll(TAGS)) {
    if (slash === '') open.push(name)
    else if (open.pop() !== name) return null
  }
  const text = markup.replace(TAGS, '')
  if (open.length > 0 || /[<>]|&(?!(?:amp|lt|gt|quot);)/.test(text)) return null
  return text.replace(/&\w+;/g, '_')
}
