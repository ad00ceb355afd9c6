import type { ReceiverConfig } from '../../config/receivers/all.ts'
import { loginIn } from './login.ts'

/** A shorter one is no token, and would take letters out of every word. */
const SHORTEST_SECRET = 8
/** What a path is mostly made of, and what our own sentences are. */
const WORD = /^(?:[a-z][a-z-]{0,15}|v\d+)$/

/** `text` without what is secret of the receiver: programs quote what they were asked by. */
export function withoutSecrets(text: string, receiver: ReceiverConfig): string {
  return secretsOf(receiver).reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

function secretsOf({ url, headers, secrets = [] }: ReceiverConfig): readonly string[] {
  const parts = URL.canParse(url) ? partsOf(new URL(url)) : []
  // `Bearer TOKEN`: the token alone, too.
  const values = Object.values(headers).flatMap(value => [value, ...value.split(' ')])
  return [url, ...parts, ...values, ...secrets]
    .flatMap(part => [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)])
    .filter(part => part.length >= SHORTEST_SECRET && !WORD.test(part))
    .toSorted((one, other) => other.length - one.length)
}

function partsOf(url: URL): readonly string[] {
  const { href, pathname, search, searchParams, username, password } = url
  const asked = search === '' ? [] : [pathname + search, search]
  // As it is written, as it is meant, and as it is sent.
  const login = [username, password, ...Object.values(loginIn(url) ?? {})]
  return [href, ...asked, pathname, ...pathname.split('/'), ...searchParams.values(), ...login]
}
