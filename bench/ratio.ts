/** `value` as a multiple of `base`, for people. What took no time that can be seen has none. */
export function ratio(value: number, base: number, digits: number): string {
  return base > 0 ? (value / base).toFixed(digits) : ''
}
