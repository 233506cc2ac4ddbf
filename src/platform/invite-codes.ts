// Invite codes: a word from the group's name that people recognise, and enough chance that nobody guesses one.

/** No 0, O, 1, I or L: codes are read aloud and typed. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const RANDOM_LENGTH = 10

/** Such as `EURO-7KQ2MXW9PD`: about 50 random bits. */
export function newInviteCode(name: string): string {
  const word = name
    .normalize('NFD')
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '')
    .slice(0, 4)
  let code = ''
  while (code.length < RANDOM_LENGTH) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
    // 248 is the largest multiple of 31 in a byte; what lies above would make some letters likelier.
    if (byte < 248) code += ALPHABET[byte % ALPHABET.length]
  }
  return word === '' ? code : `${word}-${code}`
}
