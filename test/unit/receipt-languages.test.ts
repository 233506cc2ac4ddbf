// Whole receipts as they are printed in eight languages and three kinds of currencies, and all that is read of them.
import { describe, expect, test } from 'vitest'
import { formatMinor } from '../../src/domain/money.ts'
import type { Reading } from '../../src/domain/receipt/reading.ts'
import { readPage } from '../../src/domain/receipt/read-page.ts'
import { currencyOf } from '../support/ledger.ts'
import { pageOf } from '../support/receipt-page.ts'

const read = (layout: string): Reading => readPage(pageOf(layout), { today: '2026-11-20' })

/** The reading in words: each field that was found, then the things bought, then how the sums came out. */
function told(reading: Reading): string[] {
  const code = reading.currency?.value ?? currencyOf('EUR')
  const amount = (minor: number): string => formatMinor(minor, code)
  const fields = Object.entries({
    vendor: reading.vendor?.value,
    date: reading.date?.value,
    time: reading.time?.value,
    currency: reading.currency?.value,
    payment: reading.paymentMethod?.value,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
  const money = (['subtotal', 'tax', 'tip', 'discount', 'rounding', 'total', 'cashPaid', 'change'] as const).flatMap((name) => {
    const field = reading[name]
    return field === null ? [] : [`${name} ${amount(field.value)}`]
  })
  const items = reading.items.map(
    (item) => `${item.quantity} ${item.name}${item.unitPrice === undefined ? '' : ` @${amount(item.unitPrice)}`} ${amount(item.amount)}`,
  )
  const checks = reading.checks.map(({ kind, holds, difference }) => (holds ? kind : `${kind} off by ${amount(difference)}`))
  return [...fields, ...money, ...items, ...checks, ...(reading.isProved ? ['proved'] : [])]
}

const RECEIPTS: readonly { language: string; layout: string; expected: string }[] = [
  {
    language: 'English (UK)',
    layout: `
           THE COPPER KETTLE LTD
            14 Station Road
           Leeds LS1 4DY
          VAT No: 123 4567 89
             TAX INVOICE
Date: 03/11/2026           12:41
Table 7         Server: Amy
2  Flat White             £6.40
1  Eggs Benedict         £11.50
3  Orange Juice           £9.00
Subtotal                 £26.90
Service charge 10%        £2.69
TOTAL                    £29.59
VISA                     £29.59
VAT included 20%          £4.93
         Thank you, please come again`,
    expected: `vendor THE COPPER KETTLE LTD; date 2026-11-03; time 12:41; currency GBP; payment card; subtotal 26.90; tax 4.93; tip 2.69; total 29.59;
      2 Flat White 6.40; 1 Eggs Benedict 11.50; 3 Orange Juice 9.00; items_total; subtotal_tax_total; payment_total; proved`,
  },
  {
    language: 'English (US)',
    layout: `
            BLUE HERON DINER
          2210 Main Street
         Austin, TX 78701
         (512) 555-0142
10/28/2026  6:15 PM
Check #: 4471
1 Cheeseburger               $14.95
1 Caesar Salad               $12.50
2 Lemonade                    $7.90
SUBTOTAL                     $35.35
Sales Tax 8.25%               $2.92
TOTAL                        $38.27
CASH                         $40.00
CHANGE                        $1.73
            THANK YOU!`,
    expected: `vendor BLUE HERON DINER; date 2026-10-28; time 18:15; currency USD; payment cash; subtotal 35.35; tax 2.92; total 38.27; cashPaid 40.00; change 1.73;
      1 Cheeseburger 14.95; 1 Caesar Salad 12.50; 2 Lemonade 7.90; items_total; subtotal_tax_total; cash_change; proved`,
  },
  {
    language: 'German',
    layout: `
          Gasthaus zum Ochsen GmbH
            Hauptstrasse 12
          80331 München
        USt-IdNr. DE123456789
Rechnung Nr. 2026-0815
Datum: 14.10.2026   Uhrzeit: 20:05
2 x Schnitzel              33,80
1 x Apfelschorle            4,20
3 x Weizenbier             14,70
Zwischensumme              52,70
Trinkgeld                   5,00
Gesamtbetrag            57,70 EUR
enthaltene MwSt 19%         8,41
Gegeben bar                60,00
Rückgeld                    2,30
       Vielen Dank für Ihren Besuch`,
    expected: `vendor Gasthaus zum Ochsen GmbH; date 2026-10-14; time 20:05; currency EUR; payment cash; subtotal 52.70; tax 8.41; tip 5.00; total 57.70; cashPaid 60.00; change 2.30;
      2 Schnitzel 33.80; 1 Apfelschorle 4.20; 3 Weizenbier 14.70; items_total; subtotal_tax_total; cash_change; proved`,
  },
  {
    language: 'French',
    layout: `
            LE PETIT ZINC SARL
          8 rue des Carmes
          75005 Paris
         SIRET 123 456 789 00012
Le 5 septembre 2026 à 13h07
Désignation       Qté   P.U.   Montant
Plat du jour        2  15,50     31,00
Café                2   2,40      4,80
Vin rouge           1  18,00     18,00
Sous-total                       53,80
Remise                           -3,80
TOTAL TTC                      50,00 €
Dont TVA 10%                      4,55
Carte bancaire                  50,00 €
           Merci de votre visite`,
    expected: `vendor LE PETIT ZINC SARL; date 2026-09-05; time 13:07; currency EUR; payment card; subtotal 53.80; tax 4.55; discount 3.80; total 50.00;
      2 Plat du jour @15.50 31.00; 2 Café @2.40 4.80; 1 Vin rouge @18.00 18.00; items_total; subtotal_tax_total; payment_total; proved`,
  },
  {
    language: 'Spanish',
    layout: `
          LA TABERNA DE LOLA S.L.
           Calle Mayor 21
           28013 Madrid
           CIF B12345678
FACTURA SIMPLIFICADA
Fecha: 23/08/26   Hora: 22:18
Cant  Descripción         Precio   Importe
2     Caña                  2,50      5,00
1     Tortilla              8,90      8,90
1     Pulpo a la gallega   17,60     17,60
Base imponible                       28,64
IVA 10%                               2,86
TOTAL                              31,50 €
Efectivo                           50,00 €
Cambio                             18,50 €
        Gracias por su visita`,
    expected: `vendor LA TABERNA DE LOLA S.L.; date 2026-08-23; time 22:18; currency EUR; payment cash; subtotal 28.64; tax 2.86; total 31.50; cashPaid 50.00; change 18.50;
      2 Caña @2.50 5.00; 1 Tortilla @8.90 8.90; 1 Pulpo a la gallega @17.60 17.60; items_total; subtotal_tax_total; cash_change; proved`,
  },
  {
    language: 'Portuguese',
    layout: `
          PADARIA BOA MASSA LDA
            Rua do Ouro 55
           1100-061 Lisboa
        Contribuinte: 501234567
Fatura Simplificada FS 2026/311
Data: 2026-07-19 09:32
Pão de forma              1,85
Pastel de nata x4         5,20
Galão                     1,60
Total                     8,65
IVA incluído 13%          1,00
Dinheiro                 10,00
Troco                     1,35
       Obrigado pela preferência`,
    expected: `vendor PADARIA BOA MASSA LDA; date 2026-07-19; time 09:32; currency EUR; payment cash; tax 1.00; total 8.65; cashPaid 10.00; change 1.35;
      1 Pão de forma 1.85; 4 Pastel de nata 5.20; 1 Galão 1.60; items_total; cash_change; proved`,
  },
  {
    language: 'Malay',
    layout: `
        RESTORAN SINAR PAGI SDN BHD
             (1234567-X)
        NO 8, JALAN MERDEKA 3
        43000 KAJANG, SELANGOR
        NO SST: B16-1808-31012345
Tarikh: 17/06/2026   Masa: 08:45:10
Juruwang: AINA
NASI LEMAK        2   4.50     9.00
TEH TARIK         2   2.20     4.40
Jumlah kecil                  13.40
Cukai perkhidmatan 6%          0.80
Pelarasan pembundaran          0.00
JUMLAH                     RM14.20
Tunai                      RM20.00
Baki                        RM5.80
          TERIMA KASIH`,
    expected: `vendor RESTORAN SINAR PAGI SDN BHD; date 2026-06-17; time 08:45:10; currency MYR; payment cash; subtotal 13.40; tax 0.80; rounding 0.00; total 14.20; cashPaid 20.00; change 5.80;
      2 NASI LEMAK @4.50 9.00; 2 TEH TARIK @2.20 4.40; items_total; subtotal_tax_total; cash_change; proved`,
  },
  {
    language: 'Italian',
    layout: `
         TRATTORIA DEL PORTO S.R.L.
           Via Garibaldi 4
           16124 Genova
        P.IVA 01234567890
DOCUMENTO COMMERCIALE
02/05/2026  21:03
COPERTO                  4,00
LASAGNE                 12,00
ACQUA                    2,50
SUBTOTALE               18,50
SCONTO                   1,50
TOTALE EURO             17,00
di cui IVA               1,55
CONTANTI                20,00
RESTO                    3,00`,
    expected: `vendor TRATTORIA DEL PORTO S.R.L.; date 2026-05-02; time 21:03; currency EUR; payment cash; subtotal 18.50; tax 1.55; tip 4.00; discount 1.50; total 17.00; cashPaid 20.00; change 3.00;
      1 LASAGNE 12.00; 1 ACQUA 2.50; items_total; subtotal_tax_total; cash_change; proved`,
  },
  {
    language: 'Dutch',
    layout: `
            EETHUIS DE ZWAAN B.V.
           Kerkstraat 3
           1017 GA Amsterdam
Datum 11-04-2026   Tijd 18:52
2 Pannenkoek             19,00
1 Koffie                  3,10
Subtotaal                22,10
BTW 9%  (inbegrepen)      1,82
Totaal                 € 22,10
PIN                    € 22,10
        Bedankt en tot ziens`,
    expected: `vendor EETHUIS DE ZWAAN B.V.; date 2026-04-11; time 18:52; currency EUR; payment card; subtotal 22.10; tax 1.82; total 22.10;
      2 Pannenkoek 19.00; 1 Koffie 3.10; items_total; subtotal_tax_total; payment_total; proved`,
  },
  {
    language: 'Japanese yen, which has no decimals',
    layout: `
            SAKURA COFFEE CO
              Tokyo
2026/03/09 10:22
Blend Coffee x2         ¥1,100
Cheese Cake               ¥620
Subtotal                ¥1,720
Tax 10%                   ¥172
Total                   ¥1,892
Cash                    ¥2,000
Change                    ¥108`,
    expected: `vendor SAKURA COFFEE CO; date 2026-03-09; time 10:22; currency JPY; payment cash; subtotal 1720; tax 172; total 1892; cashPaid 2000; change 108;
      2 Blend Coffee 1100; 1 Cheese Cake 620; items_total; subtotal_tax_total; cash_change; proved`,
  },
  {
    language: 'Kuwaiti dinar, which has three decimals',
    layout: `
            PEARL GRILL HOUSE
15/02/2026 19:40
Mixed Grill       KWD 4.750
Lemon Mint        KWD 1.250
Total             KWD 6.000
Cash             KWD 10.000
Change            KWD 4.000`,
    expected: `vendor PEARL GRILL HOUSE; date 2026-02-15; time 19:40; currency KWD; payment cash; total 6.000; cashPaid 10.000; change 4.000;
      1 Mixed Grill 4.750; 1 Lemon Mint 1.250; items_total; cash_change; proved`,
  },
]

describe('readPage', () => {
  test.each(RECEIPTS)('reads a receipt in $language', ({ layout, expected }) => {
    expect(told(read(layout))).toEqual(expected.split(';').map((part) => part.trim()))
  })
})
