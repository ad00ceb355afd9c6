/** The proxy does not go along: it cannot be reached (`ProxyUnreachable`), or it refuses (`ProxyRefused`). */
export class ProxyError extends Error {
  readonly code: 'ProxyUnreachable' | 'ProxyRefused'
  /** Which proxy, and what happened: no secret. */
  readonly hostname: string
  /** Where the SDK has the status of an answer. */
  readonly $metadata: { readonly httpStatusCode?: number }

  private constructor(code: ProxyError['code'], hostname: string, status?: number) {
    super(`${code} ${hostname}`)
    this.name = code
    this.code = code
    this.hostname = hostname
    this.$metadata = status === undefined ? {} : { httpStatusCode: status }
  }

  static unreachable(proxy: string, cause: unknown): ProxyError {
    const { code, name } = cause as { code?: unknown; name?: unknown }
    return new ProxyError('ProxyUnreachable', `${proxy} ${typeof code === 'string' ? code : name}`)
  }

  static refused(proxy: string, status: number): ProxyError {
    return new ProxyError('ProxyRefused', proxy, status)
  }
}
