import type { Notification } from '../../notify/notification.ts'
import { identityOf, type Ongoing } from '../../notify/receivers/alert.ts'

const MOST_ALERTS = 1000
/** A tenant that crashes at a new place each time takes nobody else's room. */
const MOST_OF_A_NAMESPACE = 100

/** What goes on, as far as this node knows: an Alertmanager forgets it when it is started anew. */
export class AlertBook {
  readonly #ongoing = new Map<string, Ongoing>()

  /** A crash like it came `at`. What is shown is the last one of which a core was kept or lost. */
  note(notification: Notification, at: Date): void {
    const key = JSON.stringify(identityOf(notification.report))
    const known = this.#ongoing.get(key)
    // The latest stands last.
    this.#ongoing.delete(key)
    this.#ongoing.set(key, {
      notification: isNews(notification) || known === undefined ? notification : known.notification,
      since: known?.since ?? at,
      last: known === undefined || at > known.last ? at : known.last,
    })
    this.#bound(notification)
  }

  /** Those of which a crash came within the last so many seconds; all others are forgotten. */
  within(seconds: number, now: Date): readonly Ongoing[] {
    for (const [key, { last }] of this.#ongoing)
      if (now.getTime() - last.getTime() >= seconds * 1000) this.#ongoing.delete(key)
    return [...this.#ongoing.values()]
  }

  #bound({ report }: Notification): void {
    const isOfIt = ([, ongoing]: readonly [string, Ongoing]) =>
      ongoing.notification.report.pod?.namespace === report.pod?.namespace
    const ofNamespace = [...this.#ongoing].filter(isOfIt)
    const surplus = [
      ...ofNamespace.slice(0, -MOST_OF_A_NAMESPACE),
      ...[...this.#ongoing].slice(0, -MOST_ALERTS),
    ]
    for (const [key] of surplus) this.#ongoing.delete(key)
  }
}

function isNews({ outcome }: Notification): boolean {
  return outcome !== 'suppressed'
}
