import { at, isText, type Json, listAt, type Reply } from './body.ts'

/** What Discord refuses: https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
export function checkDiscord(body: Json): Reply | null {
  const embeds = listAt(body, 'embeds')
  const content = body.content ?? ''
  if (embeds.length === 0 && !isText(content)) return EMPTY
  const isSound =
    typeof content === 'string' && content.length <= 2000 && embeds.length <= 10 && embeds.every(isEmbed)
  const characters = embeds
    .flatMap(embed => [at(embed, 'title'), at(embed, 'description')])
    .reduce<number>((sum, text) => sum + String(text ?? '').length, 0)
  return isSound && characters <= 6000 ? null : INVALID
}

const EMPTY: Reply = [400, { message: 'Cannot send an empty message', code: 50006 }]
const INVALID: Reply = [400, { message: 'Invalid Form Body', code: 50035 }]

function isEmbed(embed: unknown): boolean {
  const [title, description] = [at(embed, 'title'), at(embed, 'description')]
  return (
    (title === undefined || (isText(title) && title.length <= 256)) &&
    typeof description === 'string' &&
    description.length <= 4096 &&
    (isText(title) || isText(description)) &&
    Number.isInteger(at(embed, 'color'))
  )
}
