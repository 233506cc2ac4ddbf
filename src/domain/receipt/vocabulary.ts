// The words of receipts in eight languages, without accents since recognisers drop them. A word says what kind of line
// it stands on; what a line is follows from all its words together (`figures.ts`). No word may name a shop.

export type Word = keyof typeof PHRASES

/** Phrases between commas. Words of four letters or less count only where they stand alone or beside another phrase. */
const PHRASES = {
  total:
    'total, totals, ttl, tot, grand total, total amount, jumlah, jumlah besar, gesamt, gesamtbetrag, gesamtsumme, summe, endbetrag, rechnungsbetrag, ' +
    'total general, total geral, importe total, valor total, montant total, totale, totale complessivo, totaal, totaalbedrag, totale euro',
  due:
    'amount due, amount payable, total due, total payable, payable, to pay, balance due, balance to pay, please pay, zu zahlen, zahlbetrag, ' +
    'a payer, net a payer, reste a payer, a pagar, total a pagar, total a payer, perlu dibayar, jumlah perlu dibayar, da pagare, te betalen, te voldoen, ' +
    'nett total, net total, nett amount, nett amt, net amt, bill amount, grand',
  amount:
    'amount, amt, after discount, total after discount, nach rabatt, apres remise, selepas diskaun, tras descuento, betrag, montant, importe, valor, amaun, importo, bedrag, somme, suma, soma, sales, sale, jualan, umsatz, nett, net',
  sub:
    'subtotal, gross, gross amt, gross amount, gross total, brutto, sub total, sub ttl, subttl, sub, zwischensumme, sous total, soustotal, total partiel, jumlah kecil, subjumlah, sub jumlah, subtotale, subtotaal, ' +
    'total parcial, warenwert, nettobetrag, base imponible, base imposable, taxable amount, taxable, goods value',
  tax:
    'tax, gov tax, govt tax, government tax, gst, gsi, cst, sst, vat, mwst, ust, mehrwertsteuer, umsatzsteuer, steuer, tva, iva, cukai, cukai jualan, cukai perkhidmatan, impuesto, imposto, impuestos, ' +
    'impostos, taxe, taxes, btw, hst, pst, qst, tps, tvq, icms, igv, igic, imposta, sales tax, service tax, vat amount',
  included:
    'incl, inc, inclusive, included, includes, including, inclusive of, inkl, inklusive, enthalten, enthaltene, darin, davon, dont, ttc, comprise, compris, ' +
    'incluido, incluida, incluidos, incluye, incluso, inclusa, incluindo, termasuk, inbegrepen, waarvan, di cui, after tax, with tax, w tax',
  excluded:
    'excl, exc, excluding, exclusive, exclusive of, before tax, before gst, hors taxe, hors taxes, ht, h t, exkl, exklusive, netto, ohne, without, zzgl, sin iva, sem iva, ' +
    'tidak termasuk, esclusa, esclusiva, before, w o',
  tip:
    'tip, tips, gratuity, service charge, svc charge, serv charge, srv chg, svc chg, serv chg, s charge, service chg, svr charge, trinkgeld, bedienung, pourboire, service compris, propina, ' +
    'gorjeta, taxa de servico, servico, servicio, caj perkhidmatan, mancia, coperto, servizio, fooi',
  discount:
    'discount, disc, discounts, less, rabatt, nachlass, preisnachlass, remise, reduction, reductions, descuento, dto, desconto, diskaun, potongan, sconto, korting, ' +
    'voucher, coupon, gutschein, bon de reduction, cupon, cupao, promo, promotion, rebate, member discount, offer, ahorro, tolak',
  saving:
    'saving, savings, you saved, total saving, total savings, total saved, saved, jimat, sie sparen, gespart, ersparnis, economie, vous economisez, poupou, poupanca, ha ahorrado, risparmio',
  rounding:
    'rounding, rounding adj, rounding adjustment, rounding adjustments, rnd, rnd adj, round, roundup, rounded, round off, round adj, adj, adjustment, adjustments, pembulatan, pelarasan, ' +
    'pelarasan pembundaran, pembundaran, penggenapan, rundung, arrondi, arrondissement, redondeo, arredondamento, arrotondamento, afronding, bill rounding',
  cash: 'cash, tunai, bar, barzahlung, bargeld, especes, efectivo, dinheiro, numerario, contanti, contant, kontant, cash tendered, cash received, cash paid, cash payment',
  paid:
    'paid, payment, tender, tendered, amount tendered, received, amount received, bayar, bayaran, dibayar, diterima, gegeben, erhalten, bezahlt, zahlung, recu, regle, paiement, recibido, ' +
    'recebido, entregado, entregue, entrega, pago, pagado, pagamento, pagato, betaald, ontvangen, paying, pay',
  change:
    'change, kembali, kembalian, uang kembali, change due, cash change, baki, wang baki, ruckgeld, wechselgeld, zuruck, rendu, a rendre, monnaie, monnaie rendue, rendu monnaie, cambio, troco, vuelto, su cambio, resto, ' +
    'wisselgeld, retour, balance, changes',
  card:
    'card, visa, mastercard, master card, master, amex, american express, debit, credit, debit card, credit card, maestro, eckarte, ec karte, ec cash, karte, kartenzahlung, ' +
    'kreditkarte, girocard, carte, carte bancaire, cb, carte bleue, tarjeta, cartao, multibanco, kad, kad kredit, kad debit, bancontact, bancomat, pin, carta, nets, v pay, contactless, mydebit, pinpas, kaart',
  transfer:
    'transfer, bank transfer, online transfer, uberweisung, virement, transferencia, bonifico, overboeking, pindahan, duitnow, pix, sepa',
  wallet: 'e wallet, ewallet, wallet, paypal, apple pay, google pay, qr pay, cheque, check payment, gift card, giftcard',
  count:
    'qty, tot qty, aty, oty, gty, qiy, quantity, item, items, item count, no of item, no of items, total item, total items, total qty, total quantity, items sold, item qty, item sold, pcs, count, menge, anzahl, qte, quantite, cant, cantidad, qtd, qtde, ' +
    'quantidade, kuantiti, bil item, artikel, articles, article, articulos, artigos, pezzi, nb articles, units, stuck, stueck, stk, posten, aantal, total pcs',
  points:
    'point, points, punkte, puntos, pontos, mata, mata ganjaran, bonus, reward, rewards, pts, member point, points earned, point balance, opening balance, closing balance',
  average: 'average, per pax, pax, per person, pro person, par personne, cover, covers, guest, guests, persons',
  price:
    'price, unit price, u price, uprice, u p, preis, einzelpreis, prix, prix unitaire, precio, preco, harga, prezzo, prijs, s price, sprice, unit',
  description:
    'description, desc, descr, item description, code desc, bezeichnung, beschreibung, designation, libelle, descripcion, descricao, keterangan, butiran, descrizione, omschrijving, ' +
    'particulars, product, products, produkt, produit, producto, produto, barang',
  summary:
    'summary, tax summary, gst summary, gstsummary, sst summary, vat summary, analysis, tax analysis, gst analysis, vat analysis, tax code, gst code, tax rate, vat rate, steuersatz, taux, rate, ' +
    'ringkasan, resumen, resumo, detail tva, steuer aufstellung, summary of tax, summary of gst',
  document:
    'tax invoice, simplified tax invoice, invoice, receipt, cash receipt, official receipt, sales receipt, cash bill, cash sales, cash sale, cash memo, bill, guest check, rechnung, quittung, beleg, kassenbon, kassenbeleg, bon, facture, ' +
    'facture simplifiee, ticket, ticket de caisse, factura, factura simplificada, recibo, fatura, fatura simplificada, talao, nota fiscal, cupom fiscal, resit, resit rasmi, invois, invois cukai, documento commerciale, scontrino, ricevuta, ' +
    'fattura, bonnetje, kassabon, factuur, adjustment note, tax invoice adjustment note, copy, customer copy, duplicate, reprint, original, customer receipt, delivery order, debit note, credit note, order, sales order, sales slip',
  clerk:
    'cashier, casher, kassierer, kasse, caissier, caisse, cajero, caja, caixa, juruwang, cassiere, cassa, kassa, kassier, operator, operador, bediener, server, serveur, served by, waiter, waitress, kellner, camarero, staff, ' +
    'salesman, salesperson, sales person, clerk, user, counter, terminal, pos, shift, till, register, station, attended by, created by, printed by, reg, trans, transaction, session',
  table:
    'table, tisch, mesa, meja, tavolo, tafel, couverts, table no, tbl, take away, takeaway, take out, dine in, delivery, zum mitnehmen, eat in, queue, queue no, seat',
  number:
    'no, nr, number, invoice no, inv no, invoice number, bill no, receipt no, doc no, document no, order no, ref, ref no, reference, num, numero, nombor, rechnungsnummer, rechnungs nr, beleg nr, bon nr, trans no, inv, order number, ticket no, approval code, ' +
    'batch, trace, stan, auth code, rrn, mid, tid, chk, check no',
  registration:
    'company reg no, co reg no, reg no, registration no, registration, gst id, gst no, gst reg no, gst id no, gst reg, sst no, sst id, sst reg no, vat no, vat reg no, vat id, vat number, tax id, tin, ust id, ust idnr, ustid, ' +
    'steuernummer, steuer nr, siret, siren, tva intracom, rcs, nif, cif, nipc, contribuinte, cnpj, rfc, rut, p iva, partita iva, btw nr, kvk, abn, acn, ein, company no, roc, roc no, no syarikat, business reg no, uen, brn, hrb',
  contact:
    'tel, telephone, phone, telefon, telefono, telefone, fax, mobile, hp, hotline, email, e mail, www, http, https, website, whatsapp, facebook, instagram, tel no, fax no, tel fax, handphone, contact, customer service',
  address:
    'street, road, avenue, lane, boulevard, drive, highway, strasse, str, platz, allee, weg, gasse, rue, place, chemin, impasse, quai, calle, avenida, avda, plaza, paseo, carretera, rua, praca, travessa, estrada, largo, ' +
    'jalan, jln, lorong, taman, kampung, kg, lebuh, lebuhraya, persiaran, bandar, lot, level, floor, ground floor, ground, gnd flr, blk, block, unit no, bangunan, wisma, menara, kompleks, pusat, via, viale, piazza, corso, straat, laan, plein, ' +
    'box, suite, tingkat, aras, industrial park, industrial area, kawasan perindustrian, kawasan, desa, seksyen, batu, km, address, alamat, adresse, branch, outlet, cawangan, shopping centre, shopping mall, mall, postcode',
  date: 'date, datum, tarikh, fecha, data, invoice date, date time, bill date, date and time, rechnungsdatum, belegdatum, trans date, transaction date, inv date, dt, paid time, closed, print date',
  time: 'time, zeit, uhrzeit, uhr, heure, hora, masa, ora, orario, tijd, paid time',
  other_date:
    'expiry, expiry date, exp date, exp, expires, expired, best before, valid until, valid till, valid from, valid thru, valid, due date, member since, since, date of birth, dob, birthday, mfg, mfg date, gultig bis, ' +
    'faellig, fallig, echeance, valable, date limite, vencimiento, caduca, caducidad, validade, vencimento, valido, luput, tarikh luput, sah sehingga, scadenza, geldig tot, vervaldatum, delivery date, effective, commencing, ' +
    'return by, exchange before, entry time, entry, arrival, check in, established, est, updated, version',
  customer:
    'bill to, sold to, ship to, deliver to, delivery to, customer, customer name, cust, attn, attention, member, member name, member id, membership,  kunde, kundennummer, client, cliente, pelanggan, ahli, cust name, invoice to, buyer, ms, ' +
    'tuan, company name, account, acc no',
  thanks:
    'thank you, thank you for shopping at, thank you for shopping, thanks for shopping at, thank you please come again, thanks, please come again, come again, welcome to, welcome, vielen dank, danke, danke fur ihren einkauf, merci, merci de votre visite, ' +
    'gracias, gracias por su visita, gracias por su compra, obrigado, obrigada, obrigado pela preferencia, terima kasih, sila datang lagi, selamat datang, grazie, arrivederci, bedankt, dank u wel, tot ziens, bienvenue, bienvenido, bem vindo, willkommen, visit us, have a nice day',
  alias:
    'formerly known as, formerly, licensee of, franchisee of, owned by, operated by, managed by, trading as, aka, a member of, a subsidiary of, member of, part of',
  exchange:
    'exchange, exchanges, exchangeable, goods sold, refund, refunds, refundable, returnable, returns, umtausch, cambios, echange, trocas, exchange rate, conditions, terms, keep this receipt, received above goods, good order',
} as const

/** What is left when everything but letters is dropped from a phrase, longest words first where two begin alike. */
export const PHRASE_LIST: readonly { readonly word: Word; readonly letters: string }[] = Object.entries(PHRASES).flatMap(
  ([word, phrases]) => {
    const letters = [...new Set(phrases.split(',').map((phrase) => phrase.replaceAll(' ', '').toUpperCase()))].filter(
      (phrase) => phrase !== '',
    )
    return letters.map((one) => ({ word: word as Word, letters: one }))
  },
)
