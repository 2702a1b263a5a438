// Makes a PNG of Chromium's (8 bits of red, green and blue) smaller: with a palette of its 256 most frequent colours, the
// others as the nearest of these.
import {deflateSync, inflateSync} from "node:zlib";

export function withPalette(png) {
  let width, height;
  const data = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      if (body[8] !== 8 || body[9] !== 2 || body[12]) return png;
    }
    if (type === "IDAT") data.push(body);
    at += length + 12;
  }
  const pixels = unfilter(inflateSync(Buffer.concat(data)), width * 3, height);

  const counts = new Map();
  const colourAt = (i) => pixels.readUIntBE(i * 3, 3);
  for (let i = 0; i < width * height; i++) counts.set(colourAt(i), (counts.get(colourAt(i)) ?? 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
  const distance = (a, b) => [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
  const indexes = new Map(palette.map((colour, i) => [colour, i]));
  for (const colour of counts.keys()) {
    if (indexes.has(colour)) continue;
    const nearest = palette.reduce((best, other, i) => (distance(colour, other) < distance(colour, palette[best]) ? i : best), 0);
    indexes.set(colour, nearest);
  }

  const rows = Buffer.alloc((width + 1) * height); // each begins with 0: not filtered
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexes.get(colourAt(y * width + x));
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const colours = Buffer.alloc(palette.length * 3);
  palette.forEach((colour, i) => colours.writeUIntBE(colour, i * 3, 3));
  return Buffer.concat([png.subarray(0, 8), chunk("IHDR", header), chunk("PLTE", colours),
    chunk("IDAT", deflateSync(rows, {level: 9})), chunk("IEND", Buffer.alloc(0))]);
}

// Undoes the filters of a PNG's rows, each of so many bytes, three a pixel.
function unfilter(filtered, stride, height) {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < 3 ? 0 : out[y * stride + x - 3];
      const up = y === 0 ? 0 : out[(y - 1) * stride + x];
      const corner = x < 3 || y === 0 ? 0 : out[(y - 1) * stride + x - 3];
      const [a, b, c] = [left, up, corner].map((v) => Math.abs(left + up - corner - v));
      const predicted = [0, left, up, (left + up) >> 1, a <= b && a <= c ? left : b <= c ? up : corner][filter];
      out[y * stride + x] = filtered[y * (stride + 1) + 1 + x] + predicted;
    }
  }
  return out;
}

function chunk(type, body) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  let crc = ~0;
  for (const byte of named) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(body.length, 0);
  ends.writeUInt32BE(~crc >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
}
