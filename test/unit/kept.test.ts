// What is kept of readings: given only where the database says that nothing has changed, and never more than so much.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeptReadings } from '../../src/services/kept.ts'

/** A database of numbered versions, which tells what it was asked. */
class Source {
  version = 1
  size = 10
  readonly asked: (number | undefined)[] = []

  ask = async (print?: number) => {
    this.asked.push(print)
    const { version, size } = this
    // As long as it takes to answer, others may ask too.
    await Promise.resolve()
    return print === version ? ('unchanged' as const) : { value: { version }, print: version, size }
  }
}

describe('a kept reading', () => {
  test('is the very same object until something has changed', async () => {
    const [kept, source] = [new KeptReadings<object, number>(1000), new Source()]
    const first = await kept.read('a', source.ask)
    expect(await kept.read('a', source.ask)).toBe(first)
    source.version = 2
    expect(await kept.read('a', source.ask)).toEqual({ version: 2 })
    expect(source.asked).toEqual([undefined, 1, 1])
  })

  test('is forgotten when there is nothing to read any more', async () => {
    const [kept, source] = [new KeptReadings<object, number>(1000), new Source()]
    await kept.read('a', source.ask)
    expect(await kept.read('a', async () => undefined)).toBe(undefined)
    await kept.read('a', source.ask)
    expect(source.asked).toEqual([undefined, undefined])
  })

  test('goes when there is no room, the one first that was not asked for the longest', async () => {
    const [kept, source] = [new KeptReadings<object, number>(3 * 11), new Source()]
    for (const key of ['a', 'b', 'c', 'a', 'd']) await kept.read(key, source.ask)
    source.asked.length = 0
    for (const key of ['a', 'c', 'd']) await kept.read(key, source.ask)
    expect(source.asked).toEqual([1, 1, 1])
    await kept.read('b', source.ask)
    expect(source.asked.at(-1)).toBe(undefined)
  })

  test('that is larger than all the room is not kept, and leaves the others no less', async () => {
    const [kept, source] = [new KeptReadings<object, number>(100), new Source()]
    source.size = 200
    await kept.read('large', source.ask)
    source.size = 10
    for (const key of ['a', 'large']) await kept.read(key, source.ask)
    expect(source.asked).toEqual([undefined, undefined, undefined])
    await kept.read('a', source.ask)
    expect(source.asked.at(-1)).toBe(1)
  })

  test('is never older than the question, however many ask at once', async () => {
    const steps = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), isWrite: fc.boolean(), waits: fc.boolean() }), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const [kept, source] = [new KeptReadings<{ version: number }, number>(25), new Source()]
        const underWay: Promise<void>[] = []
        for (const { key, isWrite, waits } of all) {
          if (isWrite) source.version++
          const least = source.version
          const read = kept.read(key, source.ask).then((found) => expect(found?.version).toBeGreaterThanOrEqual(least))
          underWay.push(read)
          if (waits) await read
        }
        await Promise.all(underWay)
      }),
    )
  })
})
