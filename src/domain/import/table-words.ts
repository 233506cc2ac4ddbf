// What the columns of a table are called, in the languages that banks and expense apps write them in: without accents and
// in small letters. A heading is a hint only; what stands below it decides with it.

export const TABLE_FIELDS = ['date', 'title', 'amount', 'debit', 'credit', 'direction', 'currency', 'category', 'paidBy', 'notes'] as const
export type TableField = (typeof TABLE_FIELDS)[number]

const WORDS: Readonly<Record<TableField | 'balance', string>> = {
  date:
    'date, booking date, transaction date, posted, posting date, day, when, datum, buchungstag, buchungsdatum, belegdatum, date operation, ' +
    'date de l operation, jour, fecha, fecha operacion, data, data operazione, data operacji, dato, transaktionsdato, tarih, paivamaara, datum transakce, ' +
    'дата, дата операции, 日付, 取引日, 日期, 날짜, วันที่',
  title:
    'description, merchant, payee, name, title, what, details, transaction, item, expense, text, beschreibung, bezeichnung, verwendungszweck, empfanger, ' +
    'beguenstigter, zahlungsempfanger, auftraggeber, buchungstext, libelle, intitule, objet, beneficiaire, concepto, descripcion, comercio, beneficiario, ' +
    'descricao, historico, titulo, descrizione, causale, omschrijving, naam, mededelingen, opis, tytul, odbiorca, beskrivning, mottagare, popis, aciklama, ' +
    'selite, saaja, описание, назначение, 説明, 摘要, 内容, 내용, 적요',
  amount:
    'amount, sum, total, cost, price, value, transaction amount, betrag, umsatz, summe, kosten, preis, wert, montant, cout, prix, somme, importe, monto, ' +
    'cantidad, coste, precio, valor, quantia, custo, preco, importo, costo, prezzo, ammontare, bedrag, prijs, kwota, cena, belopp, belob, belop, summa, castka, ' +
    'tutar, maara, сумма, стоимость, 金額, 费用, 费用, 금액',
  debit:
    'af, debit, withdrawal, withdrawals, paid out, money out, out, spent, charge, soll, lastschrift, ausgabe, ausgaben, ausgang, depense, sortie, debito, cargo, ' +
    'retiro, gasto, saida, despesa, uscita, uscite, addebito, addebiti, uit, afschrijving, obciazenie, obciazenia, wyplata, uttag, utgift, borc, расход, 出金, 支出, 출금',
  credit:
    'credit, deposit, deposits, paid in, money in, in, received, haben, gutschrift, einnahme, einnahmen, eingang, recette, entree, credito, abono, ingreso, ' +
    'deposito, entrada, receita, entrata, entrate, accredito, accrediti, bij, bijschrijving, uznanie, uznania, wplata, insattning, inkomst, alacak, приход, 入金, 収入, 입금',
  direction:
    'direction, debit credit, credit debit, debit credit indicator, dr cr, cr dr, d c, af bij, soll haben, s h, sens, debit ou credit, tipo movimiento, ' +
    'debe haber, cargo abono, debito credito, dare avere, strona, dc',
  currency:
    'currency, ccy, currency code, wahrung, devise, monnaie, moneda, divisa, moeda, valuta, waluta, mena, valuutta, para birimi, doviz, валюта, 通貨, 货币, 통화',
  category:
    'category, kategorie, categorie, rubrik, rubrique, categoria, kategoria, kategori, luokka, категория, カテゴリー, カテゴリ, 分類, 类别, 분류',
  paidBy:
    'paid by, payer, who paid, spender, bezahlt von, zahler, gezahlt von, paye par, payeur, pagado por, pagador, pago por, pagato da, betaald door, ' +
    'betaler, zaplacil, zaplacone przez, betalad av, betalt av, maksaja, odeyen, кто платил, плательщик, 支払者, 立替者, 支付人, 낸 사람',
  notes:
    'notes, note, memo, comment, comments, remark, remarks, reference, notizen, notiz, bemerkung, bemerkungen, kommentar, anmerkung, remarque, commentaire, ' +
    'notas, nota, observaciones, comentario, observacoes, osservazioni, opmerking, opmerkingen, notatki, uwagi, anteckning, poznamka, not, примечание, ' +
    'комментарий, 備考, メモ, 备注, 메모',
  balance:
    'balance, running balance, saldo, solde, kontostand, saldo contable, saldo disponible, saldo contabile, saldo po operacji, bakiye, zustatek, остаток, 残高, 余额, 잔액',
}

/** Small letters without accents; what stands between words becomes one space. */
const foldHeading = (heading: string): string =>
  heading
    .slice(0, 100)
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const PHRASES: ReadonlyMap<TableField | 'balance', ReadonlySet<string>> = new Map(
  Object.entries(WORDS).map(([field, words]) => [field as TableField | 'balance', new Set(words.split(', ').map(foldHeading))]),
)

/** From 0 to 1: how much the heading names the field. A word of the field among others counts half. */
export function headingScore(heading: string, field: TableField | 'balance'): number {
  const folded = foldHeading(heading)
  const phrases = PHRASES.get(field)
  if (folded === '' || phrases === undefined) return 0
  if (phrases.has(folded)) return 1
  const words = folded.split(' ')
  const pairs = words.map((word, i) => `${word} ${words[i + 1] ?? ''}`)
  return words.some((word) => word.length > 2 && phrases.has(word)) || pairs.some((pair) => phrases.has(pair)) ? 0.5 : 0
}

const DEBIT = new Set(
  'd db dr debit debet soll s af uit out ausgang lastschrift debe cargo debito dare sortie saida uscita w minus obciazenie'.split(' '),
)
const CREDIT = new Set(
  'c cr k credit kredit haben h bij in eingang gutschrift haber abono credito avere entree entrada entrata plus uznanie'.split(' '),
)

/** Which way a word such as `Af`, `Soll`, `DR` or `+` says the money went. */
export function directionOf(cell: string): 'debit' | 'credit' | undefined {
  const sign = cell.trim()
  if (sign === '+' || sign === '-') return sign === '-' ? 'debit' : 'credit'
  const word = foldHeading(cell)
  return DEBIT.has(word) ? 'debit' : CREDIT.has(word) ? 'credit' : undefined
}
