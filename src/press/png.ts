// SVG as PNG. Letters arrive as outlines, so the engine needs no fonts, which would be copied into its memory.
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import engine from '@resvg/resvg-wasm/index_bg.wasm'

let isStarted = false

export async function pngOf(svg: string): Promise<Uint8Array> {
  if (!isStarted) await initWasm(engine)
  isStarted = true
  const drawing = new Resvg(svg, { font: { loadSystemFonts: false } })
  try {
    const picture = drawing.render()
    try {
      return picture.asPng()
    } finally {
      picture.free()
    }
  } finally {
    drawing.free()
  }
}
