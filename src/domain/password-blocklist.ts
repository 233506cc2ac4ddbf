// The passwords that are tried first, all in lower case, from the lists that breaches keep repeating. Words
// stand for themselves with whatever digits and signs around them; the others are refused only as they are.

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''))

export const COMMON_WORDS = words(`
  password passwords passwort passwd pass passw passcode motdepasse contrasena senha parola wachtwoord haslo
  qwerty qwertz azerty qwertyuiop qwert qwer asdf asdfg asdfgh asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc
  welcome letmein login logon access default changeme changeit temporary temppass
  admin administrator root superuser sysadmin webmaster manager guest
  iloveyou iloveu loveyou lovely loveme forever
  monkey dragon tiger lion eagle panther falcon dolphin elephant butterfly chicken cheese cookie banana pepper ginger peanut
  football baseball basketball soccer hockey tennis golf cricket rugby liverpool arsenal chelsea barcelona juventus yankees cowboys steelers lakers
  sunshine princess angel flower rainbow summer winter spring autumn
  master shadow killer hunter ranger warrior ninja pirate wizard
  superman batman spiderman ironman starwars pokemon naruto minecraft fortnite pikachu
  michael jennifer jessica ashley daniel thomas robert andrew joshua matthew jordan nicole michelle charlie george harley
  hannah samantha anthony maggie buster thunder hammer silver golden diamond purple orange
  computer internet google facebook samsung apple iphone windows microsoft
  freedom whatever trustno nothing secret mustang corvette ferrari porsche mercedes
  hello helloworld goodbye happy family friends matrix phoenix
  abcd abcde abcdef abcdefg abcdefgh abcabc aaaa aaaaaa aaaaaaaa
  january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday
`)

export const COMMON_PASSWORDS = words(`
  12345678 123456789 1234567890 11111111 00000000 12341234 87654321 88888888 66666666 99999999 11223344 1122334455 123123123
  123321123 147258369 789456123 987654321 0987654321 135792468 31415926 20202020 12121212 10203040 01234567 0123456789
  1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 1qaz2wsx 1qaz2wsx3edc 1qaz@wsx 1qaz!qaz !qaz2wsx !qaz@wsx zaq12wsx zaq1zaq1
  zaq1@wsx xsw2zaq1 qwe123qwe qweasd123 qwe12345 asd12345 zxc12345 q2w3e4r5 a1b2c3d4 a1b2c3d4! abc12345 abc123456 abcd1234 abcd1234! aa123456
  aa123456! aa12345678 aa123456@ a123456789 a12345678 p@ssw0rd p@$$w0rd pa$$w0rd pa55word pa55w0rd passw0rd! p4ssw0rd passpass pass1234 pass@123
  pass@1234 pass@word1 test1234 test12345 testtest demo1234 user1234 admin123 admin@123 admin1234 root1234 toor1234 welcome1 welcome@123
  letmein1 letmein! trustno1 trustno1! iloveyou1 monkey123 dragon12 master12 football1 baseball1 superman1 batman123 starwars1
  sunshine1 princess1 charlie1 michael1 jordan23 computer1 internet1 whatever1 changeme1 changeme! secret123 company1
  blink182 ncc1701d ncc1701e rush2112 fuckyou1 fuckyou! asshole1 bullshit maverick mercedes michelle midnight
  jonathan victoria scorpion explorer cocacola metallica marlboro nintendo playstation wolverine stargate startrek
  godzilla garfield beautiful babygirl sweetheart chocolate blessed1 jesus123 christ12 angels12 password1 password1! password12 password123
  password123! password1234 qwerty12 qwerty123 qwerty123! qwerty1! qwerty1234 hello123 hello1234 hello@123 india@123 india123
  summer12 summer2023 summer2024 summer2025 summer2026 winter2023 winter2024 winter2025 winter2026 spring2025 autumn2025
`)
