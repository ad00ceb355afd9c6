const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/** `4m10s`, as kubectl shows an age: exact where it is short, and never more than two units. */
export function humanDuration(seconds: number): string {
  const whole = Math.floor(seconds)
  if (whole < -1) return '<invalid>'
  if (whole < 0) return '0s'
  const [, biggest, smaller] = STEPS.find(([below]) => whole < below) ?? [0, YEAR, 0]
  const rest = smaller === 0 ? 0 : Math.floor((whole % biggest) / smaller)
  return `${Math.floor(whole / biggest)}${LETTERS[biggest]}${rest > 0 ? `${rest}${LETTERS[smaller]}` : ''}`
}

const LETTERS: Readonly<Record<number, string>> = {
  1: 's',
  [MINUTE]: 'm',
  [HOUR]: 'h',
  [DAY]: 'd',
  [YEAR]: 'y',
}

// Below how many seconds, in what unit, with how many of what besides. As HumanDuration of
// k8s.io/apimachinery/pkg/util/duration has it.
const STEPS: readonly (readonly [number, number, number])[] = [
  [2 * MINUTE, 1, 0],
  [10 * MINUTE, MINUTE, 1],
  [3 * HOUR, MINUTE, 0],
  [8 * HOUR, HOUR, MINUTE],
  [2 * DAY, HOUR, 0],
  [8 * DAY, DAY, HOUR],
  [2 * YEAR, DAY, 0],
  [8 * YEAR, YEAR, DAY],
]
