"use strict";
// A slice, a map over it and borders, on a canvas of a few device pixels for each of the slice's.
const painting = (() => {
  const ZOOM = 4;

  const decodeColours = (hex) => hex.match(/.{6}/g).map((colour) => [0, 2, 4].map((i) => parseInt(colour.slice(i, i + 2), 16)));

  const prepare = (canvas, size) => {
    canvas.width = canvas.height = size * ZOOM;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    return context;
  };

  const paintSlice = (context, sheet, tile, columns, size) => {
    const [x, y] = [(tile % columns) * size, Math.floor(tile / columns) * size];
    context.drawImage(sheet, x, y, size, size, 0, 0, size * ZOOM, size * ZOOM);
  };

  // As in Fig. 10: the higher the map, the less the slice shows through.
  const paintMap = (context, map, colours, opacity, size) => {
    const pixels = new ImageData(size, size);
    for (const [i, value] of map.entries()) {
      const held = Math.min(Math.max(value, 0), 1);
      pixels.data.set([...colours[Math.round(held * 255)], Math.round(255 * opacity * held)], 4 * i);
    }
    const small = Object.assign(document.createElement("canvas"), { width: size, height: size });
    small.getContext("2d").putImageData(pixels, 0, 0);
    context.drawImage(small, 0, 0, size * ZOOM, size * ZOOM);
  };

  // Edges between a pixel inside and one outside, each with the inside on its right, by where
  // they begin. The frame of the slice is outside.
  const findEdges = (isInside, size) => {
    const edges = new Map();
    const inside = (row, col) => row >= 0 && col >= 0 && row < size && col < size && isInside(row * size + col);
    const add = (from, to) => edges.set(`${from}`, [...(edges.get(`${from}`) ?? []), to]);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        if (!inside(y, x)) continue;
        if (!inside(y - 1, x)) add([x, y], [x + 1, y]);
        if (!inside(y, x + 1)) add([x + 1, y], [x + 1, y + 1]);
        if (!inside(y + 1, x)) add([x + 1, y + 1], [x, y + 1]);
        if (!inside(y, x - 1)) add([x, y + 1], [x, y]);
      }
    }
    return edges;
  };

  // Joined into closed lines, or dashes would begin anew at each edge.
  const traceBorder = (isInside, size) => {
    const edges = findEdges(isInside, size);
    const path = new Path2D();
    for (const [start, ends] of edges) {
      while (ends.length) {
        path.moveTo(...start.split(",").map((value) => value * ZOOM));
        for (let at = start; edges.get(at).length; ) {
          const next = edges.get(at).pop();
          path.lineTo(next[0] * ZOOM, next[1] * ZOOM);
          at = `${next}`;
        }
      }
    }
    return path;
  };

  // A dark line below the bright one keeps it visible on bright tissue.
  const paintBorder = (context, path, colour, dashes) => {
    for (const [style, width, pattern] of [["#000", 5, []], [colour, 2.5, dashes]]) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.setLineDash(pattern);
      context.stroke(path);
    }
  };

  return { decodeColours, prepare, paintSlice, paintMap, traceBorder, paintBorder };
})();
