import { InvalidArgumentError } from 'commander'

/** A port as a command line has it; 0: any that is free. */
export function portNumber(text: string): number {
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value
  throw new InvalidArgumentError('It is a number from 0 to 65535.')
}
