/** A proxy of HTTP, as `network.proxy` names it. */
export class HttpProxy {
  /** With user and password, which decodeURIComponent() takes, as Node's agents call it. */
  readonly url: URL
  /** As a message may show it. */
  readonly name: string
  /** What the header `Proxy-Authorization` says; a secret. */
  readonly authorization: string | null

  constructor(url: string) {
    this.url = new URL(url)
    this.name = this.url.host
    const [user, password] = [decoded(this.url.username), decoded(this.url.password)]
    this.url.username = encodeURIComponent(user)
    this.url.password = encodeURIComponent(password)
    const both = `${user}:${password}`
    this.authorization = both === ':' ? null : `Basic ${Buffer.from(both).toString('base64')}`
  }
}

function decoded(text: string): string {
  const escaped = text.replace(/%(?![0-9A-Fa-f]{2})/g, '%25') // a percent sign of its own
  try {
    return decodeURIComponent(escaped)
  } catch {
    return text // not UTF-8
  }
}
