import path from 'node:path'

const FOLDER = path.join(import.meta.dirname, '../fixtures/front-proxy')

/** What a kube-apiserver is started with to be the front proxy of other servers, as kubeadm has it. */
export const FRONT_PROXY_FLAGS: readonly string[] = [
  ['requestheader-client-ca-file', path.join(FOLDER, 'ca.pem')],
  ['requestheader-allowed-names', 'front-proxy-client'],
  ['requestheader-username-headers', 'X-Remote-User'],
  ['requestheader-group-headers', 'X-Remote-Group'],
  ['requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
  ['proxy-client-cert-file', path.join(FOLDER, 'client.pem')],
  ['proxy-client-key-file', path.join(FOLDER, 'client-key.pem')],
].map(([name, value]) => `--${name}=${value}`)
