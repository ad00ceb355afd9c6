/** What {@link parsePercent} reads, in words for a person. */
export const PERCENT_FORM = 'a share from 0% to 100%, such as 15%'

/** The share that `text` stands for, 0 to 1: `15%` is 0.15. `undefined` when it is none. */
export function parsePercent(text: string): number | undefined {
  const [, digits] = /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(text) ?? []
  const percent = Number(digits)
  return percent <= 100 ? percent / 100 : undefined
}
