import { isUtf8 } from 'node:buffer'

/**
 * Bytes from outside as text: UTF-8 where they are, `\xc5` for a byte that is none. A file name or a
 * process's name may be any bytes; two that differ should not both become `���`, and a person should be able
 * to say which file it was. Its length is not that of the bytes: measure those.
 */
export function shownText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const characters = bytes.toString('latin1').replace(SEQUENCE, escapedUnlessWhole)
  return Buffer.from(characters, 'latin1').toString('utf8')
}

// A character a byte: whole sequences as RFC 3629 has them, else one byte of what is none.
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

function escapedUnlessWhole(sequence: string): string {
  return sequence.length > 1 ? sequence : `\\x${sequence.charCodeAt(0).toString(16)}`
}
