import { isUtf8 } from 'node:buffer'

/** How programs write a value where it may have any bytes: in base64, and in an address with percent signs. */
export function encodedForms(value: Buffer): readonly string[] {
  return [...new Set([...base64Forms(value), ...percentForm(value)])]
}

/** Base64 has a character for each six bits. */
const BITS = 6

/**
 * How `value` looks within base64, wherever in what was encoded it stands (RFC 4648, both alphabets): of each of the
 * three ways the characters that it alone decides. `user:password` of HTTP's Basic is one, a Secret as the API server
 * gives it another.
 */
function base64Forms(value: Buffer): readonly string[] {
  const forms = [0, 1, 2].map(before => decided(value, before))
  return forms.flatMap(form => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

/** With so many bytes before it, which are another's. */
function decided(value: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), value]).toString('base64')
  const [from, to] = [Math.ceil((8 * before) / BITS), Math.floor((8 * (before + value.length)) / BITS)]
  return encoded.slice(from, to)
}

/** None where that is the value itself. */
function percentForm(value: Buffer): readonly string[] {
  if (!isUtf8(value)) return []
  const text = value.toString()
  const written = encodeURIComponent(text)
  return written === text ? [] : [written]
}
