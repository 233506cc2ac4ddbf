/** The part of tesseract.js-core that we call; the package has no types. */
declare module 'tesseract.js-core/tesseract-core-simd-lstm.js' {
  export interface TesseractApi {
    Init(path: null, language: string, mode: number): number
    SetVariable(name: string, value: string): number
    SetPageSegMode(mode: number): void
    /** Takes the file `/input`; 0 where it could be read. */
    SetImageFile(orientation: number, angle: number): number
    Recognize(monitor: null): number
    GetTSVText(page: number): string
    Clear(): void
    End(): void
  }

  export interface TesseractCore {
    readonly TessBaseAPI: new () => TesseractApi
    readonly FS: { writeFile(path: string, data: Uint8Array): void; unlink(path: string): void }
  }

  interface Settings {
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void): unknown
    print(text: string): void
    printErr(text: string): void
    TesseractProgress(percent: number): void
  }

  const create: (settings: Settings) => Promise<TesseractCore>
  export default create
}
