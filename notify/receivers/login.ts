interface Login {
  readonly user: string
  readonly password: string
  /** Both, as a header has them behind `Basic`. */
  readonly basic: string
}

/** User and password of an address, which may be percent-encoded there; `null`: it has neither. */
export function loginIn({ username, password: written }: Pick<URL, 'username' | 'password'>): Login | null {
  if (username === '' && written === '') return null
  const [user, password] = [decodeURIComponent(username), decodeURIComponent(written)]
  return { user, password, basic: Buffer.from(`${user}:${password}`).toString('base64') }
}
