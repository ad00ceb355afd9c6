import type { Label } from './secret-label.ts'
import { isSecretName } from './secret-name.ts'

const always = () => true

// As a connection string has it, which may have blanks in it.
const PAIR_VALUE = /(?:"[^"\0]*"|'[^'\0]*'|\{[^}\0]*\}|[^;"'\0])+/y
const FOREIGN = '密码|口令|密钥|令牌|パスワード|пароль|contraseña'

/** Ways in which a text has a name and its value that are no option: pairs, lists, tags, calls, and other languages than English. */
export const STRUCTURES: readonly Label[] = [
  // {"name":"PASSWORD","value":"x"}, <add key="Password" value="x"/>
  {
    pattern: /(?<![\w.-])([\w.-]{1,128})\\?["']\s{0,4},?\s{0,4}\\?["']?value\\?["']?\s{0,4}[=:]\s{0,4}/gi,
    isSecret: isSecretName,
  },
  // define('PASSWORD', 'x')
  { pattern: /(?<![\w.-])([\w.-]{1,128})["']\s{0,4},\s{0,4}(?=["'])/g, isSecret: isSecretName },
  { pattern: /<([\w.-]{1,128})>/g, isSecret: isSecretName, value: /[^<\0]+/y },
  // Server=db;Password=two words;Port=1. In a shell without blanks, all of what the semicolon begins.
  { pattern: /(?<=[^\s\0];)([\w.-]{1,128})=/g, isSecret: isSecretName, value: PAIR_VALUE },
  {
    pattern: /\bpassword\s{1,4}(?:for|\*{3})\s{1,4}[^\s\0]{1,128}\s{1,4}=\s{1,4}(?:password\()?/gi,
    isSecret: always,
  },
  { pattern: /\bjdbc:oracle:\w{1,16}:[\w$#]{1,64}\//g, isSecret: always, value: /[^@\s\0]+/y },
  // root:x@tcp(db:3306)/shop, user:x@proxy:3128; neither an image with its digest, nor a mail address.
  {
    pattern:
      /(?<![\w@.+-])(?!(?:mailto|sips?|xmpp):)[\w.+-]{1,64}:(?!\d{1,5}@)(?=[^\s\0@/"']{1,128}@(?!sha\d{3}:)[\w[(/])/g,
    isSecret: always,
    value: /[^\s\0@]+/y,
  },
  {
    pattern: new RegExp(`(?:${FOREIGN})["']?(?:\\s{0,4}[=:：]|[\\s\\0])\\s{0,4}`, 'gi'),
    isSecret: always,
  },
]
