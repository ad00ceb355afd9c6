import { CHANNEL_KINDS, channelKindOf, isSigning, listed } from './chats.ts'
import type { ChannelConfig, CoreSightConfig, CustomHandlerConfig, NoticeConfig } from './config.ts'
import type { ValueOf } from './declaration.ts'
import type { Findings } from './findings.ts'
import { isHttpUrl } from './http-url.ts'
import type { KEYS } from './keys.ts'
import type { LanguageName } from './languages.ts'
import { linkTemplates } from './link-template.ts'
import { readMentions } from './mention.ts'
import { isReadOnItsWay } from './plain-http.ts'
import { show } from './show.ts'

type Settings = ValueOf<typeof KEYS>
type ChannelSettings = Settings['NoticeChannel'][number]

const DEFAULT_SCRIPT_SECONDS = 300

/**
 * Which channels are told, and what. A channel that cannot work is left out with a warning: the others still
 * can.
 */
export function noticeConfig(settings: Settings, findings: Findings): NoticeConfig {
  const links = linkTemplates(settings.notify.links, findings)
  return {
    channels: settings.NoticeChannel.flatMap((channel, at) =>
      channelConfig(channel, settings.notify.language, `NoticeChannel[${at}]`, findings),
    ),
    messageTemplate: settings.messageTemplate.trim() === '' ? null : settings.messageTemplate,
    messageLabels: settings.messageLabels,
    ...(links.length > 0 && { links }),
    ...(settings.downloadLink !== 'auto' && { downloadLink: settings.downloadLink }),
    ...(settings.notify.detail !== 'full' && { detail: settings.notify.detail }),
    ...(settings.notify.logLines > 0 && { logLines: settings.notify.logLines }),
  }
}

function channelConfig(
  channel: ChannelSettings,
  byDefault: LanguageName,
  path: string,
  findings: Findings,
): ChannelConfig[] {
  const { chan, webhookurl, keyword, namespaces, labels, severity, secret, mention } = channel
  const kind = channelKindOf(chan)
  if (kind === null) {
    const state = chan === '' ? 'is not set' : `is ${show(chan)}`
    findings.warn(`${path}.chan`, `${state}, known are ${listed(CHANNEL_KINDS)}: this channel is left out`)
    return []
  }
  if (webhookurl === '') {
    findings.warn(`${path}.webhookurl`, 'is not set: this channel is left out')
    return []
  }
  checkUrl(`${path}.webhookurl`, webhookurl, findings)
  if (isReadOnItsWay(webhookurl))
    findings.warn(`${path}.webhookurl`, 'begins with http://: who reads it on its way can write to the chat')
  if (secret !== '' && !isSigning(kind))
    findings.warn(`${path}.secret`, `has no effect: ${kind} signs nothing`)
  if (kind === 'telegram' && !/[?&]chat_id=./.test(webhookurl))
    findings.warn(
      `${path}.webhookurl`,
      'has no ?chat_id= with the ID of the chat: Telegram refuses what is sent there',
    )
  const language = channel.language === 'default' ? byDefault : channel.language
  const mentions = readMentions(kind, mention, `${path}.mention`, findings)
  return [
    {
      ...{ kind, webhookUrl: webhookurl, keyword, secret: secret === '' ? null : secret },
      ...(namespaces.length > 0 && { namespaces }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(severity !== 'all' && { severity }),
      ...(mentions.length > 0 && { mentions }),
      ...(language !== 'en' && { language }),
    },
  ]
}

/** Both names of the URL count: the original CoreDog's documents said one, its code read the other. */
export function coreSightConfig(
  { enabled, apiUrl, natsUrl, token }: Settings['CoreSight'],
  findings: Findings,
): CoreSightConfig {
  const key = apiUrl === '' ? 'CoreSight.natsUrl' : 'CoreSight.apiUrl'
  const url = apiUrl === '' ? natsUrl : apiUrl
  if (enabled && url === '')
    findings.warn(
      'CoreSight.apiUrl',
      'is not set: nothing is reported to CoreSight, unless the installer has CORESIGHT_API_URL',
    )
  if (enabled && url !== '') checkUrl(key, url, findings)
  if (enabled && (token !== '' || url.includes('@')) && isReadOnItsWay(url))
    findings.warn(key, 'begins with http://: its token can be read on its way')
  return {
    enabled,
    url: url === '' ? null : url,
    token: token === '' ? null : token,
  }
}

export function customHandlerConfig(
  settings: Settings['CustomHandler'],
  findings: Findings,
): CustomHandlerConfig {
  const { enabled, script, timeout, skipDefaultNotify, skipCoreSight } = settings
  const runs = enabled && script.trim() !== ''
  if (enabled && !runs) findings.warn('CustomHandler.script', 'is not set: nothing is run')
  return {
    enabled: runs,
    script,
    timeoutSeconds: timeout === 0 ? DEFAULT_SCRIPT_SECONDS : timeout,
    skipDefaultNotify: runs && skipDefaultNotify,
    skipCoreSight: runs && skipCoreSight,
  }
}

function checkUrl(key: string, url: string, findings: Findings): void {
  if (isHttpUrl(url)) return
  findings.wrong(
    key,
    'is a value that is not shown; allowed: a URL that begins with http:// or https://',
    `Copy ${key} again from where it was given, as one line in quotes.`,
  )
}
