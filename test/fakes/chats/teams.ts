import { at, isLink, isText, type Json, listAt, type Reply } from './body.ts'

/** What a workflow of Teams refuses: https://adaptivecards.io/explorer/ and its 28 KB. */
export function checkTeams(body: Json, bytes: number): Reply | null {
  if (bytes > 28_000) return [413, '']
  const [attachment] = listAt(body, 'attachments')
  const card = at(attachment, 'content')
  const elements = listAt(card, 'body')
  const isSound =
    body.type === 'message' &&
    at(attachment, 'contentType') === 'application/vnd.microsoft.card.adaptive' &&
    at(card, 'type') === 'AdaptiveCard' &&
    elements.length > 0 &&
    elements.every(isElement) &&
    listAt(card, 'actions').every(isOpenUrl)
  return isSound ? null : [400, { error: { code: 'TriggerInputSchemaMismatch', message: 'no card' } }]
}

function isElement(element: unknown): boolean {
  if (at(element, 'type') === 'TextBlock') return isText(at(element, 'text'))
  const inlines = listAt(element, 'inlines')
  return at(element, 'type') === 'RichTextBlock' && inlines.length > 0 && inlines.every(isRun)
}

function isRun(run: unknown): boolean {
  const action = at(run, 'selectAction')
  return (
    at(run, 'type') === 'TextRun' && isText(at(run, 'text')) && (action === undefined || isOpenUrl(action))
  )
}

function isOpenUrl(action: unknown): boolean {
  return at(action, 'type') === 'Action.OpenUrl' && isLink(at(action, 'url'))
}
