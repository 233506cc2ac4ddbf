// The rules of a group as tables: a command a line, `->`, and what must come of it. Any column of figures can be
// checked with a pencil.
import { describe } from 'vitest'
import { rule } from '../support/table.ts'

describe('expenses', () => {
  rule(
    'who paid is owed, who took part owes, and the odd cent goes round',
    `
    Ann opens a group                                        -> ok
    Ann adds Bob                                             -> ok
    Ann adds Cid                                             -> ok
    Ann pays 10.00 for dinner: Ann, Bob, Cid                 -> ok
    shares of dinner                                         -> Ann 3.34, Bob 3.33, Cid 3.33
    Ann pays 10.00 for lunch: Ann, Bob, Cid                  -> ok
    shares of lunch                                          -> Ann 3.33, Bob 3.34, Cid 3.33
    Ann pays 10.00 for supper                                -> ok
    shares of supper                                         -> Ann 3.33, Bob 3.33, Cid 3.34
    balances                                                 -> Ann +20.00, Bob -10.00, Cid -10.00
    debts                                                    -> Bob owes Ann 10.00, Cid owes Ann 10.00
    spent                                                    -> 30.00
    Bob pays 900.00 for rent: Ann, Cid                       -> ok
    balances                                                 -> Ann -430.00, Bob +890.00, Cid -460.00
    debts                                                    -> Cid owes Bob 460.00, Ann owes Bob 430.00
    debts as they arose                                      -> Ann owes Bob 440.00, Cid owes Ann 10.00, Cid owes Bob 450.00
  `,
  )

  rule(
    'every way to split gives shares that sum to the amount',
    `
    Ann opens a group                                                                  -> ok
    Ann adds Bob                                                                       -> ok
    Ann adds Cid                                                                       -> ok
    Ann pays 10.00 for exact: Ann 3.00, Bob 7.00                                       -> ok
    shares of exact                                                                    -> Ann 3.00, Bob 7.00
    Ann pays 200.00 for percent: Ann 33.33%, Bob 66.67%                                -> ok
    shares of percent                                                                  -> Ann 66.66, Bob 133.34
    Ann pays 10.00 for weights: Ann x2, Bob x1, Cid x0                                 -> ok
    shares of weights                                                                  -> Ann 6.67, Bob 3.33, Cid 0.00
    Ann pays 30.00 for adjusted: Ann +3.00, Bob -1.50, Cid                             -> ok
    shares of adjusted                                                                 -> Ann 12.50, Bob 8.00, Cid 9.50
    Ann pays 33.00 for bill: steak 20.00 Ann; wine 10.00 Bob x1 Cid x1; tax 3.00       -> ok
    shares of bill                                                                     -> Ann 22.00, Bob 5.50, Cid 5.50
    Ann pays 27.00 for party: cake 30.00 Bob; tip 3.00; discount 6.00                  -> ok
    shares of party                                                                    -> Bob 27.00
    balances                                                                           -> Ann +199.17, Bob -184.17, Cid -15.00
  `,
  )

  rule(
    'a split that misses the amount is refused by as much as it misses',
    `
    Ann opens a group                                            -> ok
    Ann adds Bob                                                 -> ok
    Ann pays 10.00 for short: Ann 3.00, Bob 6.00                 -> split.invalid SHARES_DO_NOT_ADD_UP -1.00
    Ann pays 10.00 for over: Ann 3.00, Bob 7.01                  -> split.invalid SHARES_DO_NOT_ADD_UP 0.01
    Ann pays 10.00 for percent: Ann 50%, Bob 49.99%              -> split.invalid PERCENTAGES_DO_NOT_ADD_UP -0.01
    Ann pays 10.00 for weights: Ann x0, Bob x0                   -> split.invalid INVALID_WEIGHT
    Ann pays 10.00 for adjusted: Ann +11.00, Bob                 -> split.invalid ADJUSTMENTS_TOO_LARGE 1.00
    Ann pays 10.00 for twice: Ann, Ann                           -> split.invalid DUPLICATE_PARTICIPANT
    Ann pays 10.00 for bill: steak 9.00 Ann; tax 0.50            -> split.invalid ITEMS_DO_NOT_ADD_UP -0.50
    Ann pays 0.00 for nothing                                    -> expense.invalid INVALID_VALUE
    Ann pays -5.00 for less                                      -> expense.invalid INVALID_VALUE
    Ann pays 1.005 for fine                                      -> expense.invalid TOO_PRECISE
    Ann pays 1.2.3 for noise                                     -> expense.invalid INVALID_AMOUNT
    Ann pays 10000000000.01 for much                             -> expense.invalid TOO_LARGE
    Ann pays 10000000000.00 for most: Ann, Bob                   -> ok
    balances                                                     -> Ann +5000000000.00, Bob -5000000000.00
    Ann pays 10.00 for stranger: Ann, Zed                        -> expense.invalid NOT_A_MEMBER
    Zed pays 10.00 for stranger: Ann                             -> group.not_found
  `,
  )

  rule(
    'several people may pay, with amounts that sum to the expense',
    `
    Ann opens a group                                               -> ok
    Ann adds Bob                                                    -> ok
    Ann adds Cid                                                    -> ok
    Ann 60.00 and Bob 40.00 pay 100.00 for house: Cid               -> ok
    balances                                                        -> Ann +60.00, Bob +40.00, Cid -100.00
    Ann deletes house                                               -> ok
    Ann 60.00 and Bob 40.00 pay 100.00 for home: Ann, Bob           -> ok
    payers of home                                                  -> Ann 60.00, Bob 40.00
    balances                                                        -> Ann +10.00, Bob -10.00
    Ann 60.00 and Bob 39.00 pay 100.00 for short                    -> expense.invalid PAYERS_DO_NOT_ADD_UP -1.00
    Ann 60.00 and Ann 40.00 pay 100.00 for twice                    -> expense.invalid DUPLICATE_PARTICIPANT
    Ann 100.00 and Bob 0.00 pay 100.00 for free                     -> expense.invalid INVALID_VALUE
    Ann 60.00 and Zed 40.00 pay 100.00 for stranger                 -> expense.invalid NOT_A_MEMBER
    Cid notes that Bob pays 30.00 for taxi: Ann, Bob, Cid           -> ok
    balances                                                        -> Bob +10.00, Cid -10.00
    Bob edits home to 120.00                                        -> expense.invalid PAYERS_NEEDED
    Bob edits home to 120.00 paid by Cid                            -> ok
    balances                                                        -> Ann -70.00, Bob -40.00, Cid +110.00
  `,
  )

  rule(
    'income is owed by who received it',
    `
    Ann opens a group                                 -> ok
    Ann adds Bob                                      -> ok
    Bob receives 30.00 for deposit: Ann, Bob          -> ok
    balances                                          -> Ann +15.00, Bob -15.00
    debts                                             -> Bob owes Ann 15.00
    spent                                             -> none
    Bob edits deposit to 50.00                        -> ok
    balances                                          -> Ann +25.00, Bob -25.00
    Bob deletes deposit                               -> ok
    balances                                          -> none
  `,
  )

  rule(
    'an edit, a deletion and a restoration leave what is true now',
    `
    Ann opens a group                                   -> ok
    Ann adds Bob                                        -> ok
    Ann adds Cid                                        -> ok
    Ann pays 30.00 for dinner: Ann, Bob, Cid            -> ok
    Bob edits dinner to 60.00                           -> ok
    balances                                            -> Ann +40.00, Bob -20.00, Cid -20.00
    Bob edits dinner paid by Bob                        -> ok
    balances                                            -> Ann -20.00, Bob +40.00, Cid -20.00
    Bob edits dinner: Ann, Bob                          -> ok
    balances                                            -> Ann -30.00, Bob +30.00
    spent                                               -> 60.00
    Cid deletes dinner                                  -> ok
    balances                                            -> none
    spent                                               -> 0.00
    Cid deletes dinner                                  -> expense.deleted
    Cid edits dinner to 90.00                           -> expense.deleted
    Cid comments on dinner                              -> expense.deleted
    Ann restores dinner                                 -> ok
    Ann restores dinner                                 -> expense.not_deleted
    balances                                            -> Ann -30.00, Bob +30.00
    Ann edits dinner titled Feast                       -> ok
    balances                                            -> Ann -30.00, Bob +30.00
    Ann edits breakfast to 5.00                         -> expense.not_found
    Ann edits dinner: Ann 20.00, Bob 40.00              -> ok
    Ann edits dinner to 61.00                           -> split.invalid SPLIT_NEEDED
    Ann edits dinner to 61.00: Ann 20.00, Bob 41.00     -> ok
    balances                                            -> Ann -20.00, Bob +20.00
  `,
  )

  rule(
    'whoever saw an older version changes nothing',
    `
    Ann opens a group                              -> ok
    Ann adds Bob                                   -> ok
    Ann pays 30.00 for dinner: Ann, Bob            -> ok
    version of dinner                              -> 3
    Bob edits dinner to 40.00 if version 3         -> ok
    Ann edits dinner to 50.00 if version 3         -> request.stale STALE_VERSION
    Ann deletes dinner if version 3                -> request.stale
    balances                                       -> Ann +20.00, Bob -20.00
    Ann deletes dinner if version 4                -> ok
    Ann names the group Alps if version 1          -> ok
    Ann names the group Rome if version 1          -> request.stale
  `,
  )
})

describe('currencies', () => {
  rule(
    'a converted group keeps one balance, converted once at the rate of the expense',
    `
    Ann opens a group                                        -> ok
    Ann adds Bob                                             -> ok
    Ann pays 100.00 USD for hotel: Ann, Bob                  -> expense.rate_unknown RATE_UNKNOWN
    Ann pays 100.00 USD at 0.92 for hotel: Ann, Bob          -> ok
    shares of hotel                                          -> Ann 50.00, Bob 50.00
    balances                                                 -> Ann +46.00, Bob -46.00
    spent                                                    -> 92.00
    Ann edits hotel to 100.00 USD at 0.91                    -> ok
    balances                                                 -> Ann +45.50, Bob -45.50
    Ann edits hotel to 90.00                                 -> ok
    balances                                                 -> Ann +40.95, Bob -40.95
    Ann edits hotel to 90.00 EUR                             -> ok
    balances                                                 -> Ann +45.00, Bob -45.00
    Bob pays 1500 JPY at 0.006 for sushi: Ann, Bob           -> ok
    balances                                                 -> Ann +40.50, Bob -40.50
    Bob pays 15.00 JPY at 0.006 for sushi                    -> ok
    Bob pays 15.50 JPY at 0.006 for sushi                    -> expense.invalid TOO_PRECISE
    Bob pays 10.00 USD at 0 for rounding                     -> expense.invalid INVALID_RATE
    Bob pays 10.00 USD at -0.9 for rounding                  -> expense.invalid INVALID_RATE
    Bob pays 0.01 USD at 0.1 for rounding                    -> expense.invalid CONVERTED_AMOUNT_TOO_SMALL
  `,
  )

  rule(
    'a group of separate currencies keeps a balance and a plan for each',
    `
    Ann opens a group with separate currencies               -> ok
    Ann adds Bob                                             -> ok
    Ann pays 100.00 for hotel: Ann, Bob                      -> ok
    Bob pays 80.00 USD for car: Ann, Bob                     -> ok
    Bob pays 1.500 KWD for tea: Ann                          -> ok
    balances                                                 -> Ann +50.00, Bob -50.00, Ann -1.500 KWD, Bob +1.500 KWD, Ann -40.00 USD, Bob +40.00 USD
    debts                                                    -> Bob owes Ann 50.00, Ann owes Bob 40.00 USD, Ann owes Bob 1.500 KWD
    spent                                                    -> 100.00, 80.00 USD, 1.500 KWD
    Ann edits hotel to 100.00 USD                            -> ok
    balances                                                 -> Ann -1.500 KWD, Bob +1.500 KWD, Ann +10.00 USD, Bob -10.00 USD
    Bob leaves                                               -> member.balance_open BALANCE_NOT_ZERO
  `,
  )

  rule(
    'how currencies are kept is settled by the first amount',
    `
    Ann opens a group                                        -> ok
    Ann keeps currencies separate                            -> ok
    Ann keeps currencies converted                           -> ok
    Ann keeps the books in USD                               -> ok
    Ann adds Bob                                             -> ok
    Ann pays 10.00 for dinner                                -> ok
    balances                                                 -> Ann +5.00, Bob -5.00
    Ann keeps the books in EUR                               -> request.invalid
    Ann keeps currencies separate                            -> request.invalid
    Ann keeps the books in USD                               -> ok
  `,
  )

  rule(
    'an expense that waited while the currency changed is not posted in the old one',
    `
    Ann opens a group                                        -> ok
    Ann adds Bob                                             -> ok
    Ann wants approval of everything                         -> ok
    Bob pays 10.00 for dinner: Ann, Bob                      -> ok
    Ann keeps the books in USD                               -> ok
    Ann approves dinner                                      -> expense.invalid CURRENCY_CHANGED
    Ann edits dinner to 10.00 EUR at 1.10                    -> ok
    Ann approves dinner                                      -> ok
    balances                                                 -> Ann -5.50, Bob +5.50
  `,
  )
})

describe('approval', () => {
  rule(
    'what exceeds the threshold posts nothing until somebody else approves it',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann wants approval above 50.00                     -> ok
    Bob pays 50.00 for small: Ann, Bob                 -> ok
    status of small                                    -> posted
    Bob pays 50.01 for large: Ann, Bob                 -> ok
    status of large                                    -> pending
    balances                                           -> Ann -25.00, Bob +25.00
    Bob approves large                                 -> group.forbidden
    Ann approves large                                 -> ok
    Ann approves large                                 -> expense.not_pending
    balances                                           -> Ann -50.01, Bob +50.01
    Ann pays 500.00 for own: Ann, Bob                  -> ok
    status of own                                      -> posted
    Bob pays 60.00 for doubtful: Ann, Bob              -> ok
    Ann rejects doubtful                               -> ok
    Ann approves doubtful                              -> expense.not_pending
    status of doubtful                                 -> rejected
    balances                                           -> Ann +199.99, Bob -199.99
  `,
  )

  rule(
    'an edit above the threshold takes the money out again until it is approved',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann wants approval above 50.00                     -> ok
    Bob pays 40.00 for dinner: Ann, Bob                -> ok
    balances                                           -> Ann -20.00, Bob +20.00
    Bob edits dinner to 80.00                          -> ok
    status of dinner                                   -> pending
    balances                                           -> none
    Bob deletes dinner                                 -> ok
    Bob restores dinner                                -> ok
    status of dinner                                   -> pending
    balances                                           -> none
    Ann approves dinner                                -> ok
    balances                                           -> Ann -40.00, Bob +40.00
    Bob edits dinner titled Feast                      -> ok
    status of dinner                                   -> posted
  `,
  )

  rule(
    'with no threshold everything waits, and so does a currency that cannot be compared',
    `
    Ann opens a group with separate currencies         -> ok
    Ann adds Bob                                       -> ok
    Ann wants approval above 50.00                     -> ok
    Bob pays 1.00 USD for tea                          -> ok
    status of tea                                      -> pending
    Ann wants approval of everything                   -> ok
    Bob pays 0.01 for gum                              -> ok
    status of gum                                      -> pending
  `,
  )

  rule(
    'an expense is not approved onto somebody who has left meanwhile',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann adds Cid                                       -> ok
    Ann wants approval of everything                   -> ok
    Bob pays 30.00 for dinner: Ann, Bob, Cid           -> ok
    Cid leaves                                         -> ok
    Ann approves dinner                                -> member.inactive
    Ann edits dinner: Ann, Bob                         -> ok
    Ann approves dinner                                -> ok
    balances                                           -> Ann -15.00, Bob +15.00
  `,
  )
})
