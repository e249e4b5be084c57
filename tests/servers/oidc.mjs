// A real OpenID provider (oidc-provider) on 127.0.0.1, for tests. Its forms let anybody in under any name; what it says of whom comes in the
// options. `rotate` on the standard input gives it new keys; each command is answered by a line.
//
// node oidc.mjs <folder with package.json and node_modules> <options as JSON>
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [modules, options] = [process.argv[2], JSON.parse(process.argv[3])];
const { default: Provider } = await import(pathToFileURL(createRequire(`${modules}/`).resolve('oidc-provider')));

// Told once and of no use to a test: that this is no provider for service.
console.warn = () => {};
console.info = () => {};

const freshKeys = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }] };
};

const client = (id, method) => ({
  client_id: id,
  client_secret: `secret-of-${id}`,
  redirect_uris: options.redirect_uris,
  response_types: ['code'],
  grant_types: ['authorization_code'],
  token_endpoint_auth_method: method,
});

const server = createServer((request, response) => provider.callback()(request, response));
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const made = () => new Provider(issuer, {
  clients: [client('pakn-citizen', 'client_secret_basic'), client('pakn-officer', 'client_secret_post')],
  jwks: freshKeys(),
  cookies: { keys: [randomUUID()] },
  acrValues: ['LoA1', 'LoA2'],
  claims: {
    openid: ['sub'],
    profile: ['name'],
    vneid: ['HoVaTen', 'SoDinhDanh', 'NgayThangNamSinh', 'LoaiTaiKhoan', 'TechID'],
  },
  // Without it the token says who, and only userinfo says what else.
  conformIdTokenClaims: !options.claims_in_token,
  pkce: { required: () => true, methods: ['S256'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...options.people[id], sub: id }) }),
});

let provider = made();
console.log(issuer);
for await (const command of createInterface({ input: process.stdin })) {
  if (command === 'rotate') provider = made();
  console.log(command);
}
process.exit(0);
