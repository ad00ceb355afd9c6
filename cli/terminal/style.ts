/** How a word looks: nothing at all where nobody sees it. */
export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  readonly green: (text: string) => string
}

/** https://no-color.org */
export function styleOf(
  output: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const isShown = output.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  const escaped = (code: number) => (text: string) => (isShown ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { bold: escaped(1), dim: escaped(2), red: escaped(31), yellow: escaped(33), green: escaped(32) }
}
