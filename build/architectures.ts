import { OperatorError } from '../crash/errors.ts'
import type { Architecture } from './node-binary.ts'

const ALL: readonly Architecture[] = ['x64', 'arm64']

/** Such as `x64,arm64`, and `all`; in one order, however they were asked for: another one would be another image. */
export function readArchitectures(text: string): readonly Architecture[] {
  const asked = text === 'all' ? ALL : text.split(',')
  const known = ALL.filter(each => asked.includes(each))
  if (known.length === new Set(asked).size) return known
  throw new OperatorError(`Cannot build for "${text}"`, 'Give --arch=x64, --arch=arm64 or --arch=all.')
}

/** Such as `arm64`. */
export function readArchitecture(text: string): Architecture {
  const [only, ...others] = readArchitectures(text)
  if (only !== undefined && others.length === 0) return only
  throw new OperatorError(`Cannot build for "${text}" at once`, 'Give --arch=x64 or --arch=arm64.')
}
