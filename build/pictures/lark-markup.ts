import { escaped, type Html } from './html.ts'

/** Feishu's lark_md as it is shown. Its entities are numbers, and what is none of them is escaped here. */
export function larkHtml(markdown: string): Html {
  return escaped(markdown)
    .replace(/&amp;#(\d+);/g, '&#$1;')
    .replace(/\*\*(.*?)\*\*/g, '<b>$1</b>')
    .replace(/\[([^\]]*)\]\(https?:[^)]*\)/g, '<a>$1</a>')
    .replaceAll('\n', '<br>')
}
