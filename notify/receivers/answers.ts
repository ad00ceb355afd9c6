import { type Answer, CERTIFICATE_HINT, type NoAnswer, noAnswer } from '../poster.ts'
import { OK, type Verdict } from '../verdict.ts'

/** Refusals that say nothing of what was posted: a slow client, an early one, one of too many. */
const PASSING = [408, 425, 429]

/** Of these others would not be taken either: too many, or nobody behind a proxy. */
const BUSY = [429, 502, 503, 504]

/** By the status alone: 2xx is taken, whatever else it says. */
export function verdictOfReceiver({ status, retryAfterSeconds }: Answer): Verdict {
  if (status >= 200 && status < 300) return OK
  const reason = `it answered with HTTP ${status}`
  if (status >= 300 && status < 400)
    return {
      kind: 'failed',
      reason: `${reason}: a redirect is not followed`,
      hint: 'Write the address that it leads to.',
    }
  const isFinal = status >= 400 && status < 500 && !PASSING.includes(status)
  return isFinal
    ? { kind: 'failed', reason, hint: 'Look into its log: it refused what it was told, or us.' }
    : {
        ...{ kind: 'retry', reason, hint: 'Look into its log if it lasts.', afterSeconds: retryAfterSeconds },
        ...(!BUSY.includes(status) && { isOfOne: true }),
      }
}

const HINTS: Readonly<Record<NoAnswer['fault'], string>> = {
  address: 'Correct its address, which begins with http:// or https://.',
  certificate: CERTIFICATE_HINT,
  proxy: 'Allow it at the proxy, correct network.proxy, or name it in network.noProxy.',
  service: 'Check that the pod of the installer reaches it: DNS, network policies, firewall.',
}

/** A certificate is renewed and a name comes back; only an address that is none stays so. */
export function verdictWithoutAnswer(thrown: unknown): Verdict {
  const { fault, reason } = noAnswer(thrown)
  const hint = HINTS[fault]
  return fault === 'address'
    ? { kind: 'failed', reason, hint }
    : { kind: 'retry', reason, hint, afterSeconds: 0 }
}
