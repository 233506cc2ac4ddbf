// Passwords are kept as argon2id with the parameters of OWASP's cheat sheet, in a PHC string, so that they can
// be raised later. A hash takes 20 ms of the isolate and cannot be put aside: each call site is rate limited.
import Argon2, { Argon2Type } from '@phi-ag/argon2'
import wasm from '@phi-ag/argon2/argon2.wasm'

const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, type: Argon2Type.Argon2id }
const PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$'

let instance: Argon2 | undefined

// Instantiated at the first use, because most isolates never see a password.
const argon2 = (): Argon2 => (instance ??= new Argon2(new WebAssembly.Instance(wasm)))

/**
 * The library passes the length in UTF-16 units as the length in bytes, so it would drop the end of a password
 * with letters beyond ASCII. Zeros at the end make the two equal; they are not hashed.
 */
function prepared(password: string): string {
  const text = password.normalize('NFKC')
  return text + '\0'.repeat(Buffer.byteLength(text) - text.length)
}

/** The PHC string of the password, with a salt of its own. */
export const hashPassword = (password: string): string => argon2().hash(prepared(password), COST).encoded

/** What is compared against where there is no account, so that both answers take the same time. */
const NOBODY = `${PREFIX}AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`

/** Whether the password is the one that was hashed; takes as long, and says no, when there is no hash. */
export const isPassword = (password: string, hash: string | undefined): boolean =>
  argon2().tryVerify(hash ?? NOBODY, prepared(password)).success && hash !== undefined

/** Whether the hash was made with parameters that are no longer ours. */
export const needsRehash = (hash: string): boolean => !hash.startsWith(PREFIX)
