// onnxruntime-web in workerd: the engine's WebAssembly comes as a compiled module, because compiling bytes at run
// time is refused, and it runs in one thread, because there are no others.
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import engine from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'
import type { ReadModel } from './models.ts'

export type Model = InferenceSession

let memory: WebAssembly.Memory | undefined

/** Bytes that the engine has taken; WebAssembly never gives any back. */
export const onnxHeapBytes = (): number => memory?.buffer.byteLength ?? 0

/** The memory of an instance: its own, or the one that it was given. */
export function memoryOf(instance: WebAssembly.Instance, imports: WebAssembly.Imports): WebAssembly.Memory | undefined {
  const candidates = [instance.exports, ...Object.values(imports)].flatMap((names) => Object.values<unknown>(names))
  return candidates.find((value) => value instanceof WebAssembly.Memory)
}

function instantiate(_: unknown, imports: WebAssembly.Imports): Promise<{ instance: WebAssembly.Instance; module: WebAssembly.Module }> {
  const instance = new WebAssembly.Instance(engine, imports)
  memory = memoryOf(instance, imports)
  return Promise.resolve({ instance, module: engine })
}

/** Opens models, in their order: the largest first leaves the smallest heap. The engine itself starts with the first one. */
export async function openModels(names: readonly string[], read: ReadModel): Promise<Model[]> {
  env.wasm.numThreads = 1
  env.wasm.proxy = false
  // Never looked at, but without it the engine would be fetched.
  env.wasm.wasmBinary = new Uint8Array(8)
  const original = WebAssembly.instantiate
  const models: Model[] = []
  for (const name of names) {
    const bytes = await read(name)
    Object.assign(WebAssembly, { instantiate })
    try {
      // Arenas and patterns keep what they once took.
      models.push(await InferenceSession.create(bytes, { executionProviders: ['wasm'], enableCpuMemArena: false, enableMemPattern: false }))
    } finally {
      Object.assign(WebAssembly, { instantiate: original })
    }
  }
  return models
}

/** What a model of one input and one output says. */
export async function infer(
  model: Model,
  data: Float32Array,
  shape: readonly number[],
): Promise<{ data: Float32Array; dims: readonly number[] }> {
  const input = new Tensor('float32', data, shape)
  const outputs = await model.run({ [model.inputNames[0] ?? '']: input })
  const output = outputs[model.outputNames[0] ?? '']
  if (!(output?.data instanceof Float32Array)) throw new Error('numbers were expected from the model')
  const answer = { data: output.data, dims: output.dims }
  input.dispose()
  // The engine fills its thread. Between two calls others of the thread have theirs: locally that is the API, too.
  await scheduler.wait(0)
  return answer
}
