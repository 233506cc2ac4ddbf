/** A module that the bundler compiled: no code is generated at run time. */
declare module '*.wasm' {
  const module: WebAssembly.Module
  export default module
}
