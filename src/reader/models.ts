// The models are static assets: too large for the bundle, and read once in the life of an isolate.

/** Reads one file of the models' folder; throws where it is not there. */
export type ReadModel = (name: string) => Promise<Uint8Array<ArrayBuffer>>

export function modelsFrom(assets: Fetcher): ReadModel {
  return async (name) => {
    const reply = await assets.fetch(`https://models.invalid/${name}`)
    if (!reply.ok) throw new Error(`the model ${name} was expected among the assets, but the answer was ${reply.status}`)
    return new Uint8Array(await reply.arrayBuffer())
  }
}
