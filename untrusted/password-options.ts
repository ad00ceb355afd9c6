import type { Label } from './secret-label.ts'

/** Short options that take a password, by the programs that have them: `-p` is a port to most others. */
const PROGRAMS: readonly { readonly program: RegExp; readonly option: RegExp }[] = [
  { program: nameOf('(?:mysql|mariadb)[\\w-]{0,16}'), option: /(?<![^\s\0])-p(?=[^\s\0-])/g },
  { program: nameOf('(?:7z[ar]?|rar|unrar)'), option: /(?<![^\s\0])-p(?=[^\s\0-])/g },
  { program: nameOf('(?:mongo\\w{0,8}|sshpass|az)'), option: separate('p') },
  {
    program: nameOf('(?:docker|podman|nerdctl|buildah|skopeo|oras|helm)[^;|&]{0,200}\\blogin'),
    option: separate('p'),
  },
  { program: nameOf('(?:redis|valkey|keydb)-cli'), option: separate('a') },
  { program: nameOf('(?:sqlcmd|bcp|isql|osql|tsql|zip|unzip|ipmitool)'), option: separate('P') },
  { program: nameOf('ldap\\w{1,12}'), option: separate('w') },
  { program: nameOf('snmp\\w{1,12}'), option: separate('AXc') },
  { program: nameOf('openssl'), option: separate('kK') },
  {
    program: nameOf('(?:sqlplus|expdp|impdp|sqlldr|rman)'),
    option: /(?<=[\s\0]["']?\w{1,30})\/(?=[^\s\0/@]{1,128}@)/g,
  },
  {
    program: nameOf('rabbitmqctl'),
    option: /\b(?:add_user|change_password)[\s\0]{1,4}[^\s\0]{1,128}[\s\0]{1,4}/g,
  },
  { program: nameOf('vault[\\s\\0]{1,4}login'), option: /\bvault[\s\0]{1,4}login[\s\0]{1,4}(?!-)/g },
]

/** Those of the programs that a command line names. */
export function passwordOptionsIn(text: string): readonly Label[] {
  return PROGRAMS.filter(({ program }) => program.test(text)).map(({ option }) => ({
    pattern: option,
    isSecret: () => true,
  }))
}

function nameOf(name: string): RegExp {
  return new RegExp(`(?<![\\w.-])${name}(?![\\w.-])`)
}

/** The value stands in the next word, or behind the letter. */
function separate(letters: string): RegExp {
  return new RegExp(`(?<![^\\s\\0])-[${letters}](?:[\\s\\0]{1,4}|=|)(?=[^\\s\\0=-])`, 'g')
}
