import type { DownloadLink } from '../config/config.ts'
import type { Notification } from './notification.ts'

/** How chats are told to get a core. */
export interface DownloadWay {
  /** By links that carry a signature: whoever reads the chat can open them. */
  readonly link: boolean
  /** By `kubectl coredog`, which asks Kubernetes whether one may. */
  readonly command: boolean
}

/** `hasApi`: coredog-api serves the crashes of this cluster, so that the command works without further options. */
export function downloadWay(asked: DownloadLink | undefined, hasApi = false): DownloadWay {
  switch (asked ?? (hasApi ? 'command' : 'presigned')) {
    case 'presigned':
      return { link: true, command: hasApi }
    case 'command':
      return { link: false, command: true }
    case 'none':
      return { link: false, command: false }
  }
}

/** `notification` as chats are told it. */
export function inWay(notification: Notification, { link, command }: DownloadWay): Notification {
  const { byCommand: _, ...told } = link ? notification : withoutLinks(notification)
  return { ...told, ...(command && { byCommand: true }) }
}

/** None of those that carry a signature. The operator's own are not among them. */
export function withoutLinks(notification: Notification): Notification {
  const { reportLink: _report, executableLink: _executable, symbolsLink: _symbols, ...told } = notification
  return { ...told, link: null }
}
