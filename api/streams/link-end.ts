/** Until when a presigned link works, RFC 3339: it says so itself. `null`: it does not. */
export function linkEnd(link: string): string | null {
  if (!URL.canParse(link)) return null
  const query = new URL(link).searchParams
  const [, ...signed] = SIGNED_AT.exec(query.get('X-Amz-Date') ?? '') ?? []
  const [year, month, day, hour, minute, second] = signed
  const seconds = Number(query.get('X-Amz-Expires') ?? Number.NaN)
  const end = new Date(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) + seconds * 1000)
  return Number.isNaN(end.getTime()) ? null : end.toISOString().replace('.000Z', 'Z')
}

const SIGNED_AT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
