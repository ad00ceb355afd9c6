import { createHash, createPublicKey, generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'
import type { KeyPair } from './key-pair.ts'

const AUTHORITY_DAYS = 3650
const SERVING_DAYS = 90

// Clocks differ: a certificate must not begin in the API server's future.
const BACKDATED_HOURS = 1

/** An authority of our own: nothing trusts it but the API server when it calls us. */
export async function makeAuthority(now: Date): Promise<KeyPair> {
  const { publicKey, privateKey } = await newKey()
  // With its time, so that an authority is not mistaken for the one after it.
  const name = nameOf(`coredog-ca@${Math.floor(now.getTime() / 1000)}`)
  const tbs = certificateOf({
    issuer: name,
    subject: name,
    publicKey,
    validity: validityOf(now, AUTHORITY_DAYS),
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), CRITICAL),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), CRITICAL),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey))),
    ],
  })
  return { certificate: signed(tbs, privateKey), key: privateKey }
}

/**
 * What a server shows to clients that call it by one of `hosts`. It ends with its authority at the latest.
 */
export async function issueServing(
  authority: KeyPair,
  hosts: readonly string[],
  now: Date,
): Promise<KeyPair> {
  const { publicKey, privateKey } = await newKey()
  const issuer = new X509Certificate(authority.certificate)
  const names = hosts.map(dNSName => new GeneralName({ dNSName }))
  const issuerKeyId = keyIdOf(createPublicKey(authority.key).export({ type: 'spki', format: 'der' }))
  const tbs = certificateOf({
    issuer: AsnConvert.parse(issuer.raw, Certificate).tbsCertificate.subject,
    // Not a host's name, which may be longer than the 64 characters that X.520 gives a common name.
    subject: nameOf('coredog'),
    publicKey,
    validity: validityOf(now, SERVING_DAYS, issuer.validToDate),
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), CRITICAL),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), CRITICAL),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
      extension(id_ce_subjectAltName, new SubjectAlternativeName(names)),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdOf(publicKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new SubjectKeyIdentifier(issuerKeyId) }),
      ),
    ],
  })
  return { certificate: signed(tbs, authority.key), key: privateKey }
}

const CRITICAL = true
const ECDSA_WITH_SHA256 = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' })
const COMMON_NAME = '2.5.4.3'

const generateKey = promisify(generateKeyPair)

async function newKey(): Promise<{ publicKey: Buffer; privateKey: string }> {
  return await generateKey('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

interface Wanted {
  readonly issuer: Name
  readonly subject: Name
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer
  readonly validity: Validity
  readonly extensions: readonly Extension[]
}

function certificateOf({ publicKey, extensions, ...wanted }: Wanted): TBSCertificate {
  return new TBSCertificate({
    version: Version.v3,
    serialNumber: newSerialNumber(),
    signature: ECDSA_WITH_SHA256,
    subjectPublicKeyInfo: AsnConvert.parse(publicKey, SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
    ...wanted,
  })
}

/** PEM. */
function signed(tbsCertificate: TBSCertificate, authorityKey: string): string {
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), authorityKey)
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: ECDSA_WITH_SHA256,
    signatureValue: bytesOf(signature),
  })
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString()
}

function validityOf(now: Date, days: number, notAfter?: Date): Validity {
  const end = now.getTime() + days * 86_400_000
  return new Validity({
    notBefore: new Date(now.getTime() - BACKDATED_HOURS * 3_600_000),
    notAfter: new Date(Math.min(end, notAfter?.getTime() ?? end)),
  })
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName })
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])])
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })
}

/** What RFC 5280, 4.2.1.2 asks for is any number of the key's own; this one is stable and short. */
function keyIdOf(publicKey: Buffer): ArrayBuffer {
  return bytesOf(createHash('sha256').update(publicKey).digest().subarray(0, 20))
}

/** Positive, and without a zero at its front: DER has one way only to write a number. */
function newSerialNumber(): ArrayBuffer {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | (bytes[0]! & 0x3f) // there are sixteen
  return bytesOf(bytes)
}

function bytesOf(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer
}
