// The data block: zlib over a JSON header and packed columns (kingtide/report/columns.py writes it).

async function unpack(element) {
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (c) => c.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const whole = new Uint8Array(await new Response(inflated).arrayBuffer());
  const headerBytes = new DataView(whole.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + headerBytes)));
  return { ...header, columns: readColumns(header.columns, whole.subarray(4 + headerBytes)) };
}

function readColumns(shapes, body) {
  let at = 0;
  const readCode = () => {
    let code = 0;
    let weight = 1;
    let byte;
    do {
      byte = body[at++];
      code += (byte & 127) * weight;
      weight *= 128;
    } while (byte & 128);
    return code;
  };
  return shapes.map(([mantissa, exponent, count]) => {
    const power = 10 ** Math.abs(exponent);
    const values = new Array(count);
    let level = 0;
    for (let i = 0; i < count; i++) {
      const code = readCode();
      if (code === 0) {
        values[i] = null;
        continue;
      }
      level += code % 2 ? (code - 1) / 2 : -code / 2;
      values[i] = exponent < 0 ? (level * mantissa) / power : level * mantissa * power;
    }
    return values;
  });
}
