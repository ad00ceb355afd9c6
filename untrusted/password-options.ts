import type { Label } from './secret-label.ts'

const CURL = nameOf('curl')
const REDIS = nameOf('(?:redis|valkey|keydb)-(?:cli|server|sentinel)')

interface Program extends Pick<Label, 'value'> {
  readonly program: RegExp
  readonly option: RegExp
}

const IN_QUOTES = /[^\s\0"']+/y

/** Options and words that a password follows, by the programs that have them: `-p` is a port to most others. */
const PROGRAMS: readonly Program[] = [
  { program: nameOf('(?:mysql|mariadb)[\\w-]{0,16}'), option: /(?<![^\s\0])-p(?=[^\s\0-])/g },
  { program: nameOf('(?:7z[ar]?|rar|unrar)'), option: /(?<![^\s\0])-p(?=[^\s\0-])/g },
  {
    program: nameOf(
      '(?:mongo\\w{0,8}|sshpass|az|twine|cqlsh|cypher-shell|couchbase-cli|rabbitmqadmin|ncftp\\w{0,8}|racadm|fence_\\w{1,16}|rdesktop|useradd|usermod)',
    ),
    option: separate('p'),
  },
  {
    program: nameOf('(?:docker|podman|nerdctl|buildah|skopeo|oras|helm|crane|oc)[^;|&]{0,200}\\blogin'),
    option: separate('p'),
  },
  { program: nameOf('(?:redis|valkey|keydb)-cli'), option: separate('a') },
  { program: REDIS, option: /(?<![\w-])AUTH[\s\0]{1,4}/gi },
  { program: REDIS, option: /(?<![\w-])AUTH[\s\0]{1,4}\*\*\*[\s\0]{1,4}/gi },
  { program: REDIS, option: after('auth-pass[\\s\\0]{1,4}[^\\s\\0]{1,128}') },
  {
    program: nameOf('(?:sqlcmd|bcp|isql|osql|tsql|zip|unzip|ipmitool|mosquitto_\\w{2,3}|p4)'),
    option: separate('P'),
  },
  { program: nameOf('ldap\\w{1,12}'), option: separate('w') },
  { program: nameOf('snmp\\w{1,12}'), option: separate('AXc') },
  { program: nameOf('(?:openssl|ss-?(?:server|local))'), option: separate('kK') },
  { program: nameOf('(?:influx|frpc)'), option: separate('t') },
  { program: nameOf('(?:ab|hey|https?|xh)'), option: separate('aA') },
  // With other letters before it, as in `-sSLu`; the cookies; the password of a certificate.
  {
    program: CURL,
    option: /(?<![^\s\0])-[a-zA-Z#]{1,12}[uU](?:[\s\0]{1,4}|)["']?[^\s\0"':]{0,128}:/g,
    value: IN_QUOTES,
  },
  {
    program: CURL,
    option: /(?<![^\s\0])(?:-[a-zA-Z#]{0,12}b|--cookie)(?:[\s\0]{1,4}|=|)(?=["']?[^\s\0"'=]{1,128}=)/g,
  },
  {
    program: CURL,
    option: /(?<![^\s\0])(?:-E|--(?:proxy-)?cert)(?:[\s\0]{1,4}|=)["']?[^\s\0"':]{0,128}:/g,
    value: IN_QUOTES,
  },
  { program: nameOf('lftp'), option: /(?<![^\s\0])-u[\s\0]{1,4}[^\s\0,]{1,128},/g },
  { program: nameOf('xfreerdp'), option: /(?<![^\s\0])\/p:/g },
  { program: nameOf('chpasswd'), option: /(?<![^\s\0"'])[\w.-]{1,64}:/g },
  {
    program: nameOf('htpasswd'),
    option: /(?<![^\s\0])-\w{0,8}n\w{0,4}b\w{0,4}[\s\0]{1,4}[^\s\0]{1,128}[\s\0]{1,4}/g,
  },
  {
    program: nameOf('htpasswd'),
    option: /(?<![^\s\0])-(?!\w{0,8}n)\w{0,8}b\w{0,8}(?:[\s\0]{1,4}[^\s\0]{1,128}){2}[\s\0]{1,4}/g,
  },
  {
    program: nameOf('mc'),
    option: /\b(?:set|add)(?:[\s\0]{1,4}[^\s\0]{1,128}){3}[\s\0]{1,4}/g,
  },
  { program: nameOf('(?:exp|imp)'), option: /(?<=[\s\0]["']?\w{1,30})\/(?=[^\s\0/@]{1,128}@)/g },
  {
    program: nameOf('(?:sqlplus|expdp|impdp|sqlldr|rman)'),
    option: /(?<=[\s\0]["']?\w{1,30})\/(?=[^\s\0/@]{1,128}(?:[@\s\0]|$))/g,
  },
  {
    program: nameOf('rabbitmqctl'),
    option: after('(?:add_user|change_password|authenticate_user)[\\s\\0]{1,4}[^\\s\\0]{1,128}'),
  },
  { program: nameOf('vault'), option: /\bvault[\s\0]{1,4}login[\s\0]{1,4}(?!-)/g },
  { program: nameOf('vault'), option: after('unseal') },
  { program: nameOf('vault[\\s\\0]{1,4}kv'), option: /(?<=[\s\0])[\w.-]{1,64}=/g },
  { program: nameOf('cargo'), option: after('cargo[\\s\\0]{1,4}login') },
]

/** Those of the programs that a command line names. */
export function passwordOptionsIn(text: string): readonly Label[] {
  return PROGRAMS.filter(({ program }) => program.test(text)).map(({ option, value }) => ({
    pattern: option,
    isSecret: () => true,
    ...(value && { value }),
  }))
}

function nameOf(name: string): RegExp {
  return new RegExp(`(?<![\\w.-])${name}(?![\\w.-])`)
}

/** The value stands in the next word, or behind the letter. */
function separate(letters: string): RegExp {
  return new RegExp(`(?<![^\\s\\0])-[${letters}](?:[\\s\\0]{1,4}|=|)(?=[^\\s\\0=-])`, 'g')
}

/** The value is the next word. */
function after(words: string): RegExp {
  return new RegExp(`(?<![\\w-])${words}[\\s\\0]{1,4}`, 'g')
}
