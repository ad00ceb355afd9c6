/** A proxy of HTTP, as `network.proxy` names it. */
export class HttpProxy {
  /** With user and password. */
  readonly url: URL
  /** As a message may show it. */
  readonly name: string
  /** What the header `Proxy-Authorization` says; a secret. */
  readonly authorization: string | null

  constructor(url: string) {
    this.url = new URL(url)
    this.name = this.url.host
    const user = `${decoded(this.url.username)}:${decoded(this.url.password)}`
    this.authorization = user === ':' ? null : `Basic ${Buffer.from(user).toString('base64')}`
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign of its own
  }
}
