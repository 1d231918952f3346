"use strict";
// The arithmetic of evaluation/overlap.py, number by number. A test holds the two against each other.
const attention = (() => {
  const decodeMaps = (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  };

  // Lengths of runs in reading order, outside first.
  const decodeMask = (runs, nPixels) => {
    const mask = new Uint8Array(nPixels);
    let at = 0;
    for (const [i, n] of runs.entries()) mask.fill(i % 2, at, (at += n));
    return mask;
  };

  // For each pixel the two cells it lies between, and the weight of the second.
  const neighbours = (cells, size) =>
    Array.from({ length: size }, (_, i) => {
      const centre = Math.min(Math.max(((i + 0.5) * cells) / size - 0.5, 0), cells - 1);
      const lower = Math.floor(centre);
      return [lower, Math.min(lower + 1, cells - 1), centre - lower];
    });

  // Bilinear, pixel centres aligned, edges held (torch: align_corners=False).
  const upsample = (maps, index, cells, size) => {
    const near = neighbours(cells, size);
    const first = index * cells * cells;
    const tall = new Float64Array(size * cells);
    for (const [row, [a, b, w]] of near.entries()) {
      for (let c = 0; c < cells; c++) {
        tall[row * cells + c] = (1 - w) * maps[first + a * cells + c] + w * maps[first + b * cells + c];
      }
    }
    const map = new Float64Array(size * size);
    for (let row = 0; row < size; row++) {
      for (const [col, [a, b, w]] of near.entries()) {
        map[row * size + col] = (1 - w) * tall[row * cells + a] + w * tall[row * cells + b];
      }
    }
    return map;
  };

  // Min-max; a constant map, where nothing stands out, becomes 0.
  const stretch = (map) => {
    const low = map.reduce((a, b) => Math.min(a, b));
    const span = map.reduce((a, b) => Math.max(a, b)) - low;
    return map.map((value) => (span > 0 ? (value - low) / span : 0));
  };

  // The Jaccard index (null where it is not defined) and the fraction of pixels activated.
  const measure = (map, mask, threshold, emptyMask) => {
    let common = 0, either = 0, active = 0;
    for (let i = 0; i < map.length; i++) {
      const isActive = map[i] >= threshold;
      const isTumour = mask !== null && mask[i] === 1;
      common += isActive && isTumour;
      either += isActive || isTumour;
      active += isActive;
    }
    const empty = { skip: null, one: 1, zero: 0 }[emptyMask];
    const jaccard = mask === null ? null : either === 0 ? empty : common / either;
    return { jaccard, active: active / map.length };
  };

  return { decodeMaps, decodeMask, upsample, stretch, measure };
})();
